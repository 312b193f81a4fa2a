/**
 * CORS: the pages of other sites that may call `/v1` and `/trpc` from a browser. None, unless the operator names their
 * origins. They need a key like everybody else; nothing that a browser adds by itself, such as a cookie, counts here.
 */
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import type { RestMethod } from "./procedure-meta.js";

export type CorsHeader = readonly [name: string, value: string];

/** What an answer says to the browser, by who asked; nothing to pages that nobody named. */
export type CorsHeaders = (request: IncomingMessage) => readonly CorsHeader[];

const METHODS: readonly RestMethod[] = ["GET", "POST", "PATCH", "DELETE"];
/** What requests may say beyond what every page may. The last one is tRPC's. */
const SENT = ["authorization", "content-type", "x-api-key", "x-request-id", "trpc-accept"];
/** What scripts may read of answers beyond what every script may. */
const READ = ["x-request-id", "retry-after", "ratelimit", "ratelimit-policy"];
const PREFLIGHT_SECONDS = 600;
const EXAMPLE = "https://admin.example.com";

const NOTHING: readonly CorsHeader[] = [];
const PREFLIGHT: readonly CorsHeader[] = [
  ["access-control-allow-methods", METHODS.join(", ")],
  ["access-control-allow-headers", SENT.join(", ")],
  ["access-control-max-age", String(PREFLIGHT_SECONDS)],
];

/** What is wrong with an entry of the origins, in words; `null` if browsers send exactly this. */
export function corsOriginProblem(entry: string): string | null {
  if (entry.includes("*")) return `"${entry}" names no single site; write every origin, such as ${EXAMPLE}`;
  const url = URL.canParse(entry) ? new URL(entry) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return `"${entry}" is no origin; write scheme, host and, if it is not the usual one, port, such as ${EXAMPLE}`;
  }
  // Compared as texts with what browsers send. The entry is not repeated: what is too much in it may be a password.
  return url.origin === entry ? null : `an origin is scheme, host and port and nothing else; write ${url.origin}`;
}

/** @param origins as {@link corsOriginProblem} has nothing against */
export function createCorsHeaders(origins: readonly string[]): CorsHeaders {
  const known = new Map(origins.map((origin) => [origin, headersFor(origin)]));
  // Several of them come as one text with a comma, which is none of ours.
  return ({ headers }) => (headers.origin === undefined ? NOTHING : (known.get(headers.origin) ?? NOTHING));
}

function headersFor(origin: string): readonly CorsHeader[] {
  return [
    ["access-control-allow-origin", origin],
    ["access-control-expose-headers", READ.join(", ")],
    ["vary", "origin"],
  ];
}

/** Sets the headers, and answers the preflights of those who get some. */
export function allowPages(headersOf: CorsHeaders): RequestHandler {
  return (request, response, next) => {
    const headers = headersOf(request);
    for (const [name, value] of headers) response.setHeader(name, value);
    if (headers.length === 0 || !isPreflight(request)) {
      next();
      return;
    }
    for (const [name, value] of PREFLIGHT) response.setHeader(name, value);
    response.status(204).end();
  };
}

/** Any other `OPTIONS` is a request like all others. */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}
