/** `/trpc`: the procedures for TypeScript clients. */
import { TRPCError } from "@trpc/server";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import type { Request, RequestHandler, Response } from "express";
import { isPosthornError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { appRouter, procedures } from "./caller.js";
import type { ApiContext } from "./context.js";
import { asTrpcError } from "./error-answer.js";
import { laterHeaders } from "./keys/rate-limited.js";
import { requireScope } from "./keys/require-scope.js";
import type { ProcedureMeta } from "./procedure-meta.js";
import { rememberFailure, requestIdOf } from "./request-id.js";
import { bodyLimitOf } from "./rest/body-limit.js";
import { readText } from "./rest/body.js";
import { isPassing, logUnexpected } from "./rest/failure.js";
import type { LargeBodies } from "./rest/large-bodies.js";

/** Calls in one HTTP request. The client sends at most as many. */
const TRPC_BATCH_MAX = 50;

interface TrpcOptions {
  contextOf: (request: Request, calls?: number) => Promise<ApiContext>;
  bodyBytesMax: number;
  largeBodies: LargeBodies;
  log: Log;
}

export function createTrpcRoute(options: TrpcOptions): RequestHandler {
  const usual = createTrpcHandler(options, {});
  // tRPC says what its answers vary by, and overwrites what was said before.
  const forPages = createTrpcHandler(options, { vary: "trpc-accept, accept, origin" });
  return (request, response, next) => {
    const handler = response.hasHeader("vary") ? forPages : usual;
    return handler(request, response, next);
  };
}

/** @param always headers of every answer */
function createTrpcHandler(options: TrpcOptions, always: Record<string, string>): RequestHandler {
  const takingLarge = new Map(
    procedures()
      .filter((it) => it.meta.largeBodyBytesMax !== undefined)
      .map((it) => [`/${it.name}`, it.meta]),
  );
  return createExpressMiddleware({
    router: appRouter,
    createContext: ({ req, info }) => options.contextOf(req, info.calls.length),
    maxBodySize: options.bodyBytesMax,
    maxBatchSize: TRPC_BATCH_MAX,
    middleware: (request, response, next) => {
      // tRPC takes forms and raw bytes as input too; browsers send those across sites without asking.
      const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
      const isForeign = type !== undefined && type !== "application/json";
      const meta = takingLarge.get(request.path);
      const isBatch = request.originalUrl.includes("?");
      if (isForeign) next(new TRPCError({ code: "UNSUPPORTED_MEDIA_TYPE" }));
      else if (meta === undefined || isBatch || request.method !== "POST") next();
      else readLarge(request, response, { ...options, meta }).then(next, next);
    },
    responseMeta: ({ errors }) => {
      // What fails before a procedure is known goes out as text/plain otherwise.
      const headers = { ...always, "content-type": "application/json" };
      const later = errors.find((error) => isPassing(getHTTPStatusCodeFromError(error)));
      return { headers: later === undefined ? headers : { ...headers, ...laterHeaders(later) } };
    },
    onError: ({ error, req }) => {
      const requestId = requestIdOf(req);
      rememberFailure(error, requestId);
      logUnexpected(error, requestId, options.log);
    },
  });
}

/**
 * Reads the body in tRPC's place, which would take as much for every procedure and from everybody. tRPC goes on with the
 * text that it finds in `body`.
 */
async function readLarge(
  request: Request,
  response: Response,
  { contextOf, meta, ...options }: TrpcOptions & { meta: ProcedureMeta },
): Promise<void> {
  // tRPC is not to begin reading where this fails.
  request.body = "";
  try {
    const { access } = await contextOf(request);
    if (!access.granted) throw access.error;
    requireScope(access.principal, meta.scope);
    request.body = await readText(request, bodyLimitOf(meta, options, request, response));
  } catch (error) {
    throw isPosthornError(error) ? asTrpcError(error) : error;
  }
}
