/** The end of every request that failed. */
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { PosthornError } from "../../core/errors.js";
import type { Log } from "../../core/ports.js";
import { errorAnswer, expectedError } from "../error-answer.js";
import type { ErrorAnswer } from "../error-answer.js";
import { laterHeaders } from "../keys/rate-limited.js";
import { requestIdOf } from "../request-id.js";

/** Decides what is answered, logs what nobody expected, and adds the headers that a status asks for. */
export function failureAnswer(error: unknown, response: Response, log: Log): ErrorAnswer {
  const requestId = requestIdOf(response.req);
  logUnexpected(error, requestId, log);
  const answer = errorAnswer(error, requestId);
  if (answer.status === 401) response.setHeader("www-authenticate", 'Bearer realm="posthorn"');
  if (isPassing(answer.status)) response.set(laterHeaders(error));
  return answer;
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
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, body } = failureAnswer(error, response, log);
    response.status(status).json(body);
  };
}

/** For paths that nobody took. */
export const unknownPath: RequestHandler = () => {
  throw new PosthornError("not_found", "There is no such path; /docs lists those that exist.");
};
