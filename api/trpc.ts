/** tRPC, set up once: context, meta, error shape and the procedures that routers build on. */
import { initTRPC } from "@trpc/server";
import type { TRPC_ERROR_CODE_NUMBER } from "@trpc/server/rpc";
import type { ErrorCode, InputIssue } from "../core/errors.js";
import { isPosthornError, PosthornError } from "../core/errors.js";
import type { ApiContext } from "./context.js";
import { asTrpcError, errorAnswer } from "./error-answer.js";
import type { ProcedureMeta } from "./procedure-meta.js";
import { currentRequestId } from "./request-id.js";

/** `data` of every tRPC error. */
export interface PosthornErrorData {
  code: ErrorCode;
  httpStatus: number;
  issues: InputIssue[];
  requestId: string;
}

/** What tRPC clients get for a failure; REST answers carry the same fields flat. */
export interface PosthornErrorShape {
  message: string;
  /** JSON-RPC 2.0 error number. */
  code: TRPC_ERROR_CODE_NUMBER;
  data: PosthornErrorData;
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ProcedureMeta>()
  .create({
    // Not left to NODE_ENV: unset would mean stack traces in answers.
    isDev: false,
    errorFormatter({ error, shape, ctx }): PosthornErrorShape {
      const { status, body } = errorAnswer(error, ctx?.requestId ?? currentRequestId());
      const { code, message, issues, requestId } = body;
      return { message, code: shape.code, data: { code, httpStatus: status, issues, requestId } };
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** For every key. One step and not two: each costs every call several copies of the context. */
export const procedure = t.procedure.use(async ({ ctx, next }) => {
  // Before the input is parsed: who has no key learns nothing about inputs.
  if (!ctx.access.granted) throw asTrpcError(ctx.access.error);
  const result = await next({ ctx: { principal: ctx.access.principal } });
  if (!result.ok && isPosthornError(result.error.cause)) throw asTrpcError(result.error.cause);
  return result;
});

/** For admin keys: what concerns more than one application. */
export const adminProcedure = procedure.use(({ ctx, next }) => {
  if (ctx.principal.kind !== "admin") throw new PosthornError("forbidden");
  return next();
});
