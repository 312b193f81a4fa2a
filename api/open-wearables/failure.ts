/** Failures as Open Wearables words them: `{"detail": "..."}`. */
import type { ErrorRequestHandler } from "express";
import type { Log } from "../../core/ports.js";
import { failureAnswer } from "../rest/failure.js";

/** Statuses that its clients know; whatever else is wrong with a request is a 400. */
const KNOWN: ReadonlySet<number> = new Set([401, 403, 404, 413, 500, 503]);

export function openWearablesFailure(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, body } = failureAnswer(error, response, log);
    const detail = status === 401 ? "Could not validate credentials" : body.message;
    response.status(KNOWN.has(status) ? status : 400).json({ detail });
  };
}
