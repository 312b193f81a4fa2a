/** Failures as Open Wearables words them: `{"detail": "..."}`. */
import type { ErrorRequestHandler } from "express";
import type { ErrorBody } from "../../core/errors.js";
import type { Log } from "../../core/ports.js";
import { requestIdOf } from "../request-id.js";
import { failureAnswer } from "../rest/failure.js";

/** Statuses that its clients know; whatever else is wrong with a request is a 400. */
const KNOWN: ReadonlySet<number> = new Set([401, 403, 404, 405, 413, 429, 500, 503]);

export function openWearablesFailure(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, headers, body } = failureAnswer(error, requestIdOf(request), log);
    const detail = status === 401 ? "Could not validate credentials" : detailOf(body);
    response
      .status(KNOWN.has(status) ? status : 400)
      .set(headers)
      .json({ detail });
  };
}

/** The first thing that is wrong, with the name of its field. */
function detailOf({ issues, message }: ErrorBody): string {
  const [first] = issues;
  if (first === undefined) return message;
  return first.path === "" ? first.message : `${first.path}: ${first.message}`;
}
