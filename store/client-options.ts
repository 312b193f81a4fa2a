import type { DbOptions, MongoClientOptions } from "mongodb";
import { STORE_DEADLINE_MS } from "./failures.js";

/** How Posthorn talks to MongoDB, whatever the URI says: its bounds are not the operator's to weaken. */
export const CLIENT_OPTIONS: MongoClientOptions = {
  appName: "posthorn",
  readConcernLevel: "local",
  readPreference: "primary",
  ignoreUndefined: true,
  // Each step ends before the deadline does, so that connections do not outlive the calls that gave up on them.
  serverSelectionTimeoutMS: 3_000,
  connectTimeoutMS: 3_000,
  socketTimeoutMS: STORE_DEADLINE_MS,
  waitQueueTimeoutMS: 3_000,
  maxPoolSize: 50,
};

/**
 * Accepted means on disk, on a majority of the members where there are several. Said here because a `journal=false` in
 * the URI would win over the client's option.
 */
export const DATABASE_OPTIONS: DbOptions = {
  writeConcern: { w: "majority", journal: true, wtimeoutMS: STORE_DEADLINE_MS - 500 },
};
