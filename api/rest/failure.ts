/** The end of every request that failed. */
import type { ErrorRequestHandler, RequestHandler } from "express";
import { PosthornError } from "../../core/errors.js";
import type { Log } from "../../core/ports.js";
import { errorAnswer, expectedError } from "../error-answer.js";
import type { ErrorAnswer } from "../error-answer.js";
import { laterHeaders } from "../keys/rate-limited.js";
import { requestIdOf } from "../request-id.js";

export interface Failure extends ErrorAnswer {
  /** That the status asks for. */
  headers: Record<string, string>;
}

/** Decides what is answered, and logs what nobody expected. */
export function failureAnswer(error: unknown, requestId: string, log: Log): Failure {
  logUnexpected(error, requestId, log);
  const answer = errorAnswer(error, requestId);
  return { ...answer, headers: failureHeaders(error, answer.status) };
}

function failureHeaders(error: unknown, status: number): Record<string, string> {
  if (status === 401) return { "www-authenticate": 'Bearer realm="posthorn"' };
  return isPassing(status) ? laterHeaders(error) : {};
}

/** Whether the same request may succeed a little later. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 503;
}

/** One line with the cause, under the id that the caller was given. */
export function logUnexpected(error: unknown, requestId: string, log: Log): void {
  if (expectedError(error) === null) log.error({ event: "request.failed", requestId }, "request failed", error);
}

/** `{ code, message, issues, requestId }` for everything that went wrong before it. */
export function failureHandler(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, headers, body } = failureAnswer(error, requestIdOf(request), log);
    response.status(status).set(headers).json(body);
  };
}

/** For paths that nobody took. */
export const unknownPath: RequestHandler = () => {
  throw new PosthornError("not_found", "There is no such path; /docs lists those that exist.");
};
