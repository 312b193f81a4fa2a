/** What the head of any request may be. Node bounds it at 16 KiB as well, but passes over the headers above a number. */
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { PosthornError } from "../core/errors.js";

const URL_CHARS_MAX = 8_192;
/** Far below the number at which Node forgets the rest: what a proxy adds at the end must count. */
const HEADERS_MAX = 100;

/** Read as a URL, what follows would be a host, perhaps with a password. */
const READS_AS_HOST = /^\/trpc[/\\]{2}/i;

/**
 * What forbids a request by its head, or `null`: `invalid_input` for a URL that is too long, too many headers or a `Host`
 * that is none, `method_not_allowed` for `TRACE`, `not_found`.
 */
export function headProblem({ method, url = "", headers, rawHeaders }: IncomingMessage): PosthornError | null {
  // Nobody needs it, and what turns requests into those of fetch takes it for a fault.
  if (method === "TRACE") return new PosthornError("method_not_allowed");
  if (url.length > URL_CHARS_MAX) {
    return new PosthornError(
      "invalid_input",
      `The URL is longer than ${URL_CHARS_MAX} characters; a body may be longer.`,
    );
  }
  // Names and values take turns.
  if (rawHeaders.length > 2 * HEADERS_MAX) {
    return new PosthornError("invalid_input", `The request has more than ${HEADERS_MAX} headers.`);
  }
  if (headers.host?.includes("@") === true) {
    return new PosthornError("invalid_input", "The Host header has credentials in it.");
  }
  if (READS_AS_HOST.test(url))
    return new PosthornError("not_found", "There is no such path; /docs lists those that exist.");
  return null;
}

/** @throws what {@link headProblem} says */
export const requestBounds: RequestHandler = (request, _response, next) => {
  const problem = headProblem(request);
  if (problem !== null) throw problem;
  next();
};
