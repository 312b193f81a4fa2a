/** Errors between threads: a structured clone forgets their class and code, which callers decide by. */
import { isPosthornError, PosthornError } from "../../core/errors.js";
import type { ErrorCode, InputIssue } from "../../core/errors.js";

/** An error as plain data. */
export type Carried =
  | { kind: "expected"; code: ErrorCode; message: string; issues: readonly InputIssue[]; cause: Carried | null }
  | { kind: "other"; name: string; message: string; stack: string | undefined };

const CAUSES_MAX = 3;

/** For the way: every error in the field `e` of a message of `birpc` as plain data. */
export function packError(message: unknown): unknown {
  if (typeof message !== "object" || message === null || !("e" in message)) return message;
  return { ...message, e: carry(message.e, CAUSES_MAX) };
}

/** The reverse of {@link packError}. */
export function unpackError(message: unknown): unknown {
  if (typeof message !== "object" || message === null || !("e" in message)) return message;
  // Only what packError has made comes through the channel.
  return { ...message, e: opened(message.e as Carried) };
}

/** An error as plain data, for a call that has one among its arguments. */
export function carry(error: unknown, causesMax = CAUSES_MAX): Carried {
  if (isPosthornError(error)) {
    const cause = error.cause === undefined || causesMax === 0 ? null : carry(error.cause, causesMax - 1);
    return { kind: "expected", code: error.code, message: error.message, issues: error.issues, cause };
  }
  return error instanceof Error
    ? { kind: "other", name: error.name, message: error.message, stack: error.stack }
    : { kind: "other", name: "Error", message: String(error), stack: undefined };
}

/** The reverse of {@link carry}. */
export function opened(carried: Carried): Error {
  if (carried.kind === "expected") {
    const { code, message, issues, cause } = carried;
    return new PosthornError(code, message, issues, cause === null ? {} : { cause: opened(cause) });
  }
  const error = new Error(carried.message);
  error.name = carried.name;
  error.stack = carried.stack ?? error.stack ?? "";
  return error;
}
