/** tRPC, set up once: context, meta, error shape and the procedures that routers build on. */
import { initTRPC } from "@trpc/server";
import type { TRPC_ERROR_CODE_NUMBER } from "@trpc/server/rpc";
import type { ErrorCode, InputIssue } from "../core/errors.js";
import { isPosthornError, PosthornError } from "../core/errors.js";
import { recordCall } from "./audit/record.js";
import { callerContext } from "./context.js";
import type { ApiContext, CallerContext } from "./context.js";
import { asTrpcError, errorAnswer } from "./error-answer.js";
import { isAudited } from "./procedure-meta.js";
import type { NeededScope, ProcedureMeta } from "./procedure-meta.js";
import { requestIdOfFailure } from "./request-id.js";

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
      const { status, body } = errorAnswer(error, ctx?.requestId ?? "");
      const { code, message, issues } = body;
      return {
        message,
        code: shape.code,
        data: {
          code,
          httpStatus: status,
          issues,
          // Without a context only `onError` knows the request, and it is not always asked first: read when it is written.
          get requestId() {
            return ctx?.requestId ?? requestIdOfFailure(error);
          },
        },
      };
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/**
 * For every key that has the procedure's scope; what it changes goes on the audit list. One step and not three: each
 * costs every call several copies of the context.
 */
export const procedure = t.procedure.use(async ({ ctx, next, meta, type, path, getRawInput }) => {
  if (meta === undefined) throw new Error(`${path} does not say what a key needs`);
  const caller = callerOf(ctx, meta.scope);
  const result = await next({ ctx: { principal: caller.principal, audit: caller.audit } });
  if (isAudited({ ...meta, type })) await recordCall(caller, { action: path, input: getRawInput, result });
  if (!result.ok && isPosthornError(result.error.cause)) throw asTrpcError(result.error.cause);
  return result;
});

/** Before the input is parsed: who may not call learns nothing about inputs. */
function callerOf(context: ApiContext, scope: NeededScope): CallerContext {
  try {
    return callerContext(context, scope === "any" ? [] : [scope]);
  } catch (error) {
    throw isPosthornError(error) ? asTrpcError(error) : error;
  }
}

/** For admin keys: what concerns more than one application. */
export const adminProcedure = procedure.use(({ ctx, next }) => {
  if (ctx.principal.kind !== "admin") throw new PosthornError("forbidden");
  return next();
});
