import type { InputIssue, PosthornErrorCode } from "./errors.js";
import { PosthornClientError } from "./errors.js";

interface Answer {
  status: number;
  requestId: string | null;
  body: unknown;
}

/**
 * The failure that an answer describes: tRPC's form, or the flat one that REST answers have. Whatever else comes is not
 * of Posthorn.
 */
export function decodeFailure({ status, requestId, body }: Answer): PosthornClientError {
  const error = fieldsOf(fieldsOf(body).error ?? body);
  const details = fieldsOf(error.data ?? error);
  if (typeof details.code !== "string" || typeof error.message !== "string") {
    return new PosthornClientError({
      code: "unexpected_answer",
      message: `the answer (status ${status}) is not one of Posthorn's`,
      httpStatus: status,
      requestId,
    });
  }
  return new PosthornClientError({
    // A newer service may know more codes; callers compare with those they know.
    code: details.code as PosthornErrorCode,
    message: error.message,
    httpStatus: status,
    issues: issuesOf(details.issues),
    requestId: typeof details.requestId === "string" ? details.requestId : requestId,
  });
}

function issuesOf(value: unknown): InputIssue[] {
  if (!Array.isArray(value)) return [];
  return value.map(fieldsOf).map(({ path, message }) => ({
    path: typeof path === "string" ? path : "",
    message: typeof message === "string" ? message : "",
  }));
}

/** The fields of an object; none of anything else. */
function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value : {};
}
