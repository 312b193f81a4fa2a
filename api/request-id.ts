/** The id that an answer, its error and its log lines share. */
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { RequestHandler } from "express";

const FORM = /^[0-9A-Za-z_.-]{8,64}$/;
const ids = new WeakMap<IncomingMessage, string>();
const idsOfFailures = new WeakMap<Error, string>();

/** The caller's `x-request-id` if it is harmless, else a new one. */
export function chooseRequestId(headers: IncomingHttpHeaders): string {
  const sent = headers["x-request-id"];
  return typeof sent === "string" && FORM.test(sent) ? sent : `req_${randomUUID().replaceAll("-", "")}`;
}

/** Gives the request an id and answers with it. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const requestId = chooseRequestId(request.headers);
  response.setHeader("x-request-id", requestId);
  ids.set(request, requestId);
  next();
};

/** The id of a request that came through {@link assignRequestId}. */
export function requestIdOf(request: IncomingMessage): string {
  return ids.get(request) ?? "";
}

/**
 * For code that is given the failure and not the request. An `AsyncLocalStorage` would do that for everybody, and make
 * every promise of the process dearer from its first use on.
 */
export function rememberFailure(error: Error, requestId: string): void {
  idsOfFailures.set(error, requestId);
}

/** The id of the request that failed so, after {@link rememberFailure}; else empty. */
export function requestIdOfFailure(error: Error): string {
  return idsOfFailures.get(error) ?? "";
}
