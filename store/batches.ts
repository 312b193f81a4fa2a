/** Bounds of the group commits. A write stays far below MongoDB's 48 MB message, a queue far below the process' memory. */
import { PosthornError } from "../core/errors.js";
import { storeUnavailable } from "./failures.js";

const MIB = 1024 * 1024;
/** What happened already is to be written all the same: whoever records it tries again. */
const tooMany = (): PosthornError => storeUnavailable("Too many writes wait for MongoDB; this one was not accepted.");

/**
 * Nobody waits for records of attempts but what follows them. At a hundred events a second each would be a write of its own;
 * a process that is killed repeats what it has not recorded, so the pace is far below what a person would notice.
 */
const RECORD_PACE_MS = 20;

export const EVENT_BATCH = {
  itemsMax: 1_000,
  bytesMax: 8 * MIB,
  queueItemsMax: 4_000,
  queueBytesMax: 64 * MIB,
  /** Nothing is wrong but the pace: publishers come back a little later. */
  full: () => new PosthornError("overloaded", "Events come faster than MongoDB takes them."),
} as const;

export const ATTEMPT_BATCH = {
  paceMs: RECORD_PACE_MS,
  itemsMax: 1_000,
  bytesMax: 8 * MIB,
  queueItemsMax: 20_000,
  queueBytesMax: 64 * MIB,
  full: tooMany,
} as const;

export const DELIVERY_BATCH = {
  paceMs: RECORD_PACE_MS,
  itemsMax: 1_000,
  bytesMax: 8 * MIB,
  queueItemsMax: 20_000,
  queueBytesMax: 64 * MIB,
  full: tooMany,
} as const;
