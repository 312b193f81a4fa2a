/** The id that an answer, its error and its log lines share. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";

const FORM = /^[0-9A-Za-z_.-]{8,64}$/;
const current = new AsyncLocalStorage<string>();

/** Takes the caller's `x-request-id` if it is harmless, else makes one, and answers with it. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const sent = request.get("x-request-id");
  const requestId = sent !== undefined && FORM.test(sent) ? sent : `req_${randomUUID().replaceAll("-", "")}`;
  response.setHeader("x-request-id", requestId);
  current.run(requestId, next);
};

/** The id of the request that this code runs for; empty outside one. */
export function currentRequestId(): string {
  return current.getStore() ?? "";
}
