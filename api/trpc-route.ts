/** `/trpc`: the procedures for TypeScript clients. */
import { TRPCError } from "@trpc/server";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import type { Request, RequestHandler } from "express";
import type { Log } from "../core/ports.js";
import { appRouter } from "./caller.js";
import type { ApiContext } from "./context.js";
import { currentRequestId } from "./request-id.js";
import { logUnexpected } from "./rest/failure.js";

/** Calls in one HTTP request. The client sends at most as many. */
const TRPC_BATCH_MAX = 50;

export function createTrpcRoute(options: {
  contextOf: (request: Request) => Promise<ApiContext>;
  bodyBytesMax: number;
  log: Log;
}): RequestHandler {
  return createExpressMiddleware({
    router: appRouter,
    createContext: ({ req }) => options.contextOf(req),
    maxBodySize: options.bodyBytesMax,
    maxBatchSize: TRPC_BATCH_MAX,
    middleware: (request, _response, next) => {
      // tRPC takes forms and raw bytes as input too; browsers send those across sites without asking.
      const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
      const isForeign = type !== undefined && type !== "application/json";
      next(isForeign ? new TRPCError({ code: "UNSUPPORTED_MEDIA_TYPE" }) : undefined);
    },
    // What fails before a procedure is known goes out as text/plain otherwise.
    responseMeta: () => ({ headers: { "content-type": "application/json" } }),
    onError: ({ error }) => {
      logUnexpected(error, currentRequestId(), options.log);
    },
  });
}
