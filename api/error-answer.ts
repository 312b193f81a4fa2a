/** The one place where a failure becomes an answer, for REST, tRPC and the compatibility routes. */
import { TRPCError } from "@trpc/server";
import type { ErrorBody, ErrorCode } from "../core/errors.js";
import { ERRORS, isPosthornError, PosthornError } from "../core/errors.js";
import { inputIssues, invalidInput, zodIssuesOf } from "./input-issues.js";

export interface ErrorAnswer {
  status: number;
  body: ErrorBody;
}

const INTERNAL_MESSAGE = "Something went wrong inside Posthorn. The log has the cause under this request id.";

/** tRPC's own failures, such as an unknown procedure or a body over the limit. */
const BY_TRPC_CODE: Readonly<Partial<Record<TRPCError["code"], ErrorCode>>> = {
  PARSE_ERROR: "malformed_json",
  BAD_REQUEST: "invalid_input",
  UNAUTHORIZED: "unauthorized",
  FORBIDDEN: "forbidden",
  NOT_FOUND: "not_found",
  METHOD_NOT_SUPPORTED: "method_not_allowed",
  PAYLOAD_TOO_LARGE: "payload_too_large",
  UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
};

/** What a caller may read about `error`. Whatever is not expected becomes `internal` with a fixed text. */
export function errorAnswer(error: unknown, requestId: string): ErrorAnswer {
  const known = expectedError(error) ?? new PosthornError("internal", INTERNAL_MESSAGE);
  return {
    status: ERRORS[known.code].http,
    body: { code: known.code, message: known.message, issues: [...known.issues], requestId },
  };
}

/** The expected failure in `error`, or `null`: then it is a bug or a broken dependency and belongs into the log. */
export function expectedError(error: unknown): PosthornError | null {
  if (isPosthornError(error)) return error.code === "internal" ? null : error;
  if (error instanceof TRPCError) return fromTrpc(error);
  return fromHttp(error);
}

/** The same failure as tRPC knows it, so that status and JSON-RPC code agree. */
export function asTrpcError(error: PosthornError): TRPCError {
  return new TRPCError({ code: ERRORS[error.code].trpc, message: error.message, cause: error });
}

function fromTrpc(error: TRPCError): PosthornError | null {
  if (isPosthornError(error.cause)) return expectedError(error.cause);
  if (error.code === "INTERNAL_SERVER_ERROR") return null;
  const issues = zodIssuesOf(error.cause);
  if (issues !== null) return invalidInput(inputIssues(issues));
  if (error.cause instanceof SyntaxError) return new PosthornError("malformed_json");
  const code = BY_TRPC_CODE[error.code];
  return code === undefined ? null : new PosthornError(code);
}

/** Errors of express' own machinery, such as a path that cannot be decoded. */
function fromHttp(error: unknown): PosthornError | null {
  if (!(error instanceof Error) || !("status" in error)) return null;
  const status = error.status;
  if (typeof status !== "number" || status < 400 || status > 499) return null;
  return new PosthornError("invalid_input", "The request cannot be read.");
}
