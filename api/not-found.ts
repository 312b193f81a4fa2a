import { PosthornError } from "../core/errors.js";

export type Noun = "application" | "endpoint" | "event type" | "event" | "delivery" | "attempt" | "key";

/** Unknown and foreign things get this one answer. */
export function notFound(noun: Noun, reference: string): PosthornError {
  const scope = noun === "application" ? "" : " in this application";
  return new PosthornError("not_found", `There is no ${noun} "${reference}"${scope}.`);
}
