/** Calls procedures from our own HTTP routes, with the same checks as over tRPC. */
import { callTRPCProcedure } from "@trpc/server";
import type { AnyTRPCProcedure } from "@trpc/server";
import { createAppRouter } from "./app-router.js";
import type { ApiContext } from "./context.js";
import type { ProcedureMeta } from "./procedure-meta.js";
import { createCallerFactory } from "./trpc.js";

/** One router for the process: it has no state. */
export const appRouter = createAppRouter();

const createCaller = createCallerFactory(appRouter);

export type ApiCaller = ReturnType<typeof createCaller>;

/** Typed calls, for routes that know which procedure they mean. `signal` ends waiting when the caller has gone. */
export function callerFor(context: ApiContext, signal: AbortSignal): ApiCaller {
  return createCaller(context, { signal });
}

export interface NamedProcedure {
  /** Such as `endpoints.create`. */
  name: string;
  type: "query" | "mutation";
  meta: ProcedureMeta;
}

/** Every procedure, for routes and documents that are made from their meta. */
export function procedures(): NamedProcedure[] {
  // tRPC types `procedures` as the nested record that was given; at run time it is flat, with dotted names.
  const flat = appRouter._def.procedures as unknown as Readonly<Record<string, AnyTRPCProcedure>>;
  return Object.entries(flat).map(([name, { _def }]) => {
    if (_def.type === "subscription") throw new Error(`${name}: subscriptions have no REST form`);
    // `meta` is typed by our builder and then forgotten by tRPC's general procedure type.
    return { name, type: _def.type, meta: _def.meta as ProcedureMeta };
  });
}

export interface NamedCall {
  procedure: NamedProcedure;
  context: ApiContext;
  input: unknown;
  signal: AbortSignal;
}

/** Calls a procedure by name; its schemas check input and output. */
export async function callByName(call: NamedCall): Promise<unknown> {
  const answer: unknown = await callTRPCProcedure({
    router: appRouter,
    path: call.procedure.name,
    type: call.procedure.type,
    ctx: call.context,
    getRawInput: () => Promise.resolve(call.input),
    signal: call.signal,
    batchIndex: 0,
  });
  return answer;
}
