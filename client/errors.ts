import type { ErrorCode } from "./procedures.js";

/**
 * Failures that no answer of the service describes:
 *
 * - `network_error`: no answer came, or a broken one; whether the service acted is not known
 * - `timeout`: no whole answer came within `timeoutMs`; whether the service acted is not known
 * - `aborted`: the caller's `signal` ended the call
 * - `unexpected_answer`: something else than Posthorn answered, such as a proxy's error page
 */
export type TransportCode = "network_error" | "timeout" | "aborted" | "unexpected_answer";

/** Every code of a {@link PosthornClientError}: those of the service's error table and those of the transport. */
export type PosthornErrorCode = ErrorCode | TransportCode;

/** One thing that is wrong with an input. */
export interface InputIssue {
  /** Where, as `endpoints[0].url`; empty for the whole input. */
  path: string;
  message: string;
}

export interface PosthornFailure {
  code: PosthornErrorCode;
  message: string;
  httpStatus?: number | null;
  issues?: readonly InputIssue[];
  requestId?: string | null;
  cause?: unknown;
}

/** A call that failed. Compare `code`; messages are for people and may change. */
export class PosthornClientError extends Error {
  override readonly name = "PosthornClientError";
  readonly code: PosthornErrorCode;
  /** Status of the answer; `null` if none came. */
  readonly httpStatus: number | null;
  /** What is wrong with the input, field by field; empty for other failures. */
  readonly issues: readonly InputIssue[];
  /** The id under which the service's log has the request; `null` if no answer named one. */
  readonly requestId: string | null;

  constructor(failure: PosthornFailure) {
    const { code, message, httpStatus = null, issues = [], requestId = null, cause } = failure;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.httpStatus = httpStatus;
    this.issues = issues;
    this.requestId = requestId;
  }
}

/** Whether `error` is a {@link PosthornClientError}, also one of another copy of this package. */
export function isPosthornClientError(error: unknown): error is PosthornClientError {
  return error instanceof Error && error.name === "PosthornClientError" && "code" in error && "issues" in error;
}

/** What a call fails with that its caller has ended. */
export function endedByCaller(cause: unknown): PosthornClientError {
  return new PosthornClientError({ code: "aborted", message: "the caller ended the call", cause });
}
