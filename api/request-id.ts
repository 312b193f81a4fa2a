/** The id that an answer, its error and its log lines share. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";

const FORM = /^[0-9A-Za-z_.-]{8,64}$/;
const ids = new WeakMap<IncomingMessage, string>();
const current = new AsyncLocalStorage<string>();

/** Takes the caller's `x-request-id` if it is harmless, else makes one, and answers with it. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const sent = request.get("x-request-id");
  const requestId = sent !== undefined && FORM.test(sent) ? sent : `req_${randomUUID().replaceAll("-", "")}`;
  response.setHeader("x-request-id", requestId);
  ids.set(request, requestId);
  next();
};

/** The id of a request that came through {@link assignRequestId}. */
export function requestIdOf(request: IncomingMessage): string {
  return ids.get(request) ?? "";
}

/** For code that is not given the request. Only where it is needed: from the first use on, every promise costs more. */
export const rememberRequestId: RequestHandler = (request, _response, next) => {
  current.run(requestIdOf(request), next);
};

/** The id of the request that this code runs for, after {@link rememberRequestId}; else empty. */
export function currentRequestId(): string {
  return current.getStore() ?? "";
}
