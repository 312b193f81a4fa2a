/**
 * `/api/v1`: the webhook routes of Open Wearables, so that what was written for it finds the same API. Bodies are read as
 * JSON whatever their content type says: `curl -d` calls everything a form.
 */
import { Router } from "express";
import type { Request, RequestHandler } from "express";
import { PosthornError } from "../../core/errors.js";
import type { Log } from "../../core/ports.js";
import { callerFor } from "../caller.js";
import { callerContext } from "../context.js";
import type { ApiContext } from "../context.js";
import { parseInput } from "../input-issues.js";
import { readJson } from "../rest/body.js";
import { goneSignal } from "../rest/gone.js";
import { readQuery } from "../rest/query.js";
import { attemptRoutes } from "./attempts.js";
import { endpointRoutes } from "./endpoints.js";
import { EVENT_TYPES } from "./event-types.js";
import { openWearablesFailure } from "./failure.js";
import { messageRoutes } from "./messages.js";
import { resendRoute } from "./resend.js";
import type { Route } from "./route.js";
import { secretRoutes } from "./secrets.js";
import { statusRoutes } from "./status.js";
import { testRoute } from "./test-event.js";

export interface OpenWearablesOptions {
  contextOf: (request: Request) => Promise<ApiContext>;
  bodyBytesMax: number;
  log: Log;
}

/** What is the same for everybody and needs no key. */
const OPEN: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["/config", { outgoing_webhooks_enabled: true }],
  ["/webhooks/event-types", EVENT_TYPES],
]);

const ROUTES: readonly Route[] = [
  ...endpointRoutes,
  ...secretRoutes,
  ...statusRoutes,
  ...messageRoutes,
  ...attemptRoutes,
  testRoute,
  resendRoute,
];

export function createOpenWearablesRouter(options: OpenWearablesOptions): Router {
  const router = Router({ caseSensitive: true });
  for (const [path, answer] of OPEN) {
    const open: RequestHandler = (_request, response) => void response.json(answer);
    router
      .route(path)
      .get(open)
      .all(otherMethod(["get"]));
  }
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    const here = ROUTES.filter((route) => route.path === path);
    const route = router.route(path);
    for (const one of here) route[one.method](handlerOf(one, options));
    route.all(otherMethod(here.map((one) => one.method)));
  }
  router.use(() => {
    throw new PosthornError("not_found", "Not Found");
  });
  router.use(openWearablesFailure(options.log));
  return router;
}

function handlerOf({ handle, scopes }: Route, options: OpenWearablesOptions): RequestHandler {
  return async (request, response) => {
    const context = await options.contextOf(request);
    // Before the body is read: who has no key cannot make us work.
    const caller = callerContext(context, scopes ?? []);
    const reply = await handle({
      api: callerFor(context, goneSignal(response)),
      context: caller,
      part: (name) => partOf(request, name),
      body: async (schema) => parseInput(schema, (await readJson(request, options.bodyBytesMax)) ?? {}),
      query: (schema) => parseInput(schema, Object.fromEntries(readQuery(request.originalUrl))),
    });
    response.status(reply.status);
    if (reply.status === 204) response.end();
    else response.json(reply.body);
  };
}

function otherMethod(methods: readonly Route["method"][]): RequestHandler {
  return (_request, response) => {
    response.setHeader("allow", methods.map((method) => method.toUpperCase()).join(", "));
    throw new PosthornError("method_not_allowed", "Method Not Allowed");
  };
}

function partOf(request: Request, name: string): string {
  const part = request.params[name];
  return typeof part === "string" ? part : "";
}
