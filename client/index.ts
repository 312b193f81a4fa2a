/** `@posthorn/client`: for services that publish events. Receivers use `@posthorn/client/verify`. */
export type { CallOptions, InputOf, Mutation, OutputOf, Query } from "./calls.js";
export { createPosthornClient } from "./create-client.js";
export { isPosthornClientError, PosthornClientError } from "./errors.js";
export type { InputIssue, PosthornErrorCode, TransportCode } from "./errors.js";
export type { ErrorCode, JsonObject, PosthornClient } from "./procedures.js";
export type { PosthornClientOptions } from "./settings.js";
