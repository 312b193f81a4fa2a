/** Failures as Metriport words them: `{"status", "title", "detail", "name"}`. */
import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler } from "express";
import { PosthornError } from "../../core/errors.js";
import type { ErrorBody } from "../../core/errors.js";
import type { Log } from "../../core/ports.js";
import { errorAnswer } from "../error-answer.js";
import { laterHeaders } from "../keys/rate-limited.js";
import { requestIdOf } from "../request-id.js";
import { isPassing, logUnexpected } from "../rest/failure.js";

/** A URL that no request of ours may go to. */
export class RefusedUrl extends PosthornError {
  /** @param reason which rule it breaks; Metriport's own answer does not say */
  constructor(readonly reason: string) {
    super("invalid_input", "Invalid URL");
  }
}

const INVALID = "Missing or invalid parameters";

export function metriportFailure(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const requestId = requestIdOf(request);
    logUnexpected(error, requestId, log);
    const answer = errorAnswer(error, requestId);
    // Its clients know a missing key as 403.
    const status = answer.status === 401 ? 403 : answer.status;
    const name = STATUS_CODES[status] ?? "Error";
    const title = answer.body.issues.length > 0 ? INVALID : titleOf(name);
    const reason = error instanceof RefusedUrl ? { reason: error.reason } : {};
    if (isPassing(status)) response.set(laterHeaders(error));
    response.status(status).json({ status, title, detail: detailOf(answer.body), name, ...reason });
  };
}

/** `Bad Request` as `BadRequestError`. */
function titleOf(name: string): string {
  const words = name.replace(/ Error$/, "").replaceAll(" ", "");
  return `${words}Error`;
}

function detailOf({ issues, message }: ErrorBody): string {
  return issues.length === 0 ? message : issues.map((it) => `${it.message}, on [${it.path}]`).join("; ");
}
