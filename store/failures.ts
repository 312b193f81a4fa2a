/** The one place that knows how the driver fails: which failures mean that the store is away, and which what is taken. */
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoSystemError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from "mongodb";
import type { WriteError } from "mongodb";
import { PosthornError } from "../core/errors.js";

/** No call to the store takes longer, whatever the server does. */
export const STORE_DEADLINE_MS = 4_500;

export const DUPLICATE_KEY = 11_000;

const AWAY = [
  MongoNetworkError,
  MongoSystemError, // MongoServerSelectionError is one.
  MongoOperationTimeoutError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
  MongoWriteConcernError,
] as const;

/**
 * Server codes of a write or a read that may succeed elsewhere or later: host and network trouble, time limits, write
 * concern not reached in time, elections and shutdowns.
 */
const AWAY_CODES: ReadonlySet<number> = new Set([
  6, 7, 50, 64, 79, 89, 91, 100, 189, 262, 9001, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

/** A connection that ends just as it is written to: the driver hands Node's own error on. */
const SOCKET_CODES: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
  "ETIMEDOUT",
]);

export function storeUnavailable(message?: string, cause?: unknown): PosthornError {
  return new PosthornError("store_unavailable", message, [], { cause });
}

/** `error`, or a `store_unavailable` around it if it means that the store is away. */
function translateFailure(error: unknown): unknown {
  return isAway(error) ? storeUnavailable(undefined, error) : error;
}

function isAway(error: unknown): boolean {
  if (AWAY.some((it) => error instanceof it)) return true;
  if (error instanceof Error && "code" in error && SOCKET_CODES.has(error.code)) return true;
  // The wait queue's own timeout is not exported by the driver.
  if (error instanceof Error && error.name === "MongoWaitQueueTimeoutError") return true;
  // A bulk write hides the class of what hit the whole command, a write concern that was not reached included.
  if (error instanceof MongoBulkWriteError) return writeErrorsOf(error).length === 0;
  return error instanceof MongoServerError && typeof error.code === "number" && AWAY_CODES.has(error.code);
}

/** The failure of one document of a bulk. */
export function documentFailure(error: WriteError): Error {
  const cause = new Error(`${error.errmsg ?? "write failed"} (${error.code})`);
  return AWAY_CODES.has(error.code) ? storeUnavailable(undefined, cause) : cause;
}

/** Waits for the driver, at most until the deadline, and rejects with `store_unavailable` if the store is away. */
export async function withinDeadline<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(storeUnavailable()), STORE_DEADLINE_MS);
  });
  try {
    return await Promise.race([work, deadline]);
  } catch (error) {
    throw translateFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The write errors of an unordered bulk, if these are all that went wrong; what is not listed was written. */
export function writeErrorsOf(error: MongoBulkWriteError): WriteError[] {
  if (error.result.getWriteConcernError() !== undefined) return [];
  return [error.writeErrors].flat();
}

/** The index that refused a document. Only the message names it on every server. */
export function refusingIndex(message: string): string {
  return /index: (?:\S+\$)?([^\s$]+)/.exec(message)?.[1] ?? "";
}
