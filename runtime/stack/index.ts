/** The embedded stack: Temporal and MongoDB on this machine, found, built, started, watched and stopped. */
export { defaultCacheDir } from "./cache.js";
export { describeSources } from "./doctor.js";
export type { SourceReport } from "./doctor.js";
export { startMongo } from "./mongo-server.js";
export type { MongoServer } from "./mongo-server.js";
export { StackError } from "./stack-error.js";
export { startStack } from "./start-stack.js";
export type { Stack, StackOptions } from "./start-stack.js";
export { startTemporal } from "./temporal-server.js";
export type { TemporalServer } from "./temporal-server.js";
export { provisionTimeSkippingServer } from "./time-skipping-source.js";
