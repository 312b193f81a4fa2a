/** `/v1`: the procedures as REST, in our own error shape. */
import { Router } from "express";
import type { Request, RequestHandler, Response } from "express";
import { PosthornError } from "../../core/errors.js";
import { callByName } from "../caller.js";
import type { ApiContext } from "../context.js";
import { requireScope } from "../keys/require-scope.js";
import { bodyLimitOf } from "./body-limit.js";
import { goneSignal } from "./gone.js";
import { readInput } from "./input.js";
import type { LargeBodies } from "./large-bodies.js";
import { restRoutes } from "./routes.js";
import type { RestRoute } from "./routes.js";

export interface RestOptions {
  contextOf: (request: Request) => Promise<ApiContext>;
  bodyBytesMax: number;
  largeBodies: LargeBodies;
}

/** A router tries its routes one after the other. */
const OFTEN: ReadonlySet<string> = new Set(["/v1/events", "/v1/events/batch"]);

export function createRestRouter(options: RestOptions): Router {
  const router = Router({ caseSensitive: true });
  const routes = restRoutes();
  const paths = [...new Set(routes.map((route) => route.path))];
  // Paths without parameters first: `/v1/events/batch` is no event. Before them what is called all the time.
  const rank = (path: string): number => (OFTEN.has(path) ? 0 : path.includes(":") ? 2 : 1);
  paths.sort((a, b) => rank(a) - rank(b));
  for (const path of paths) {
    const here = routes.filter((one) => one.path === path);
    const route = router.route(path);
    for (const one of here) register(route, one, handlerOf(one, options));
    route.all((_request, response) => {
      response.setHeader("allow", here.map((one) => one.method).join(", "));
      throw new PosthornError("method_not_allowed");
    });
  }
  return router;
}

function register(route: ReturnType<Router["route"]>, { method }: RestRoute, handler: RequestHandler): void {
  switch (method) {
    case "GET":
      route.get(handler);
      return;
    case "POST":
      route.post(handler);
      return;
    case "PATCH":
      route.patch(handler);
      return;
    case "DELETE":
      route.delete(handler);
      return;
  }
}

function handlerOf(route: RestRoute, options: RestOptions): RequestHandler {
  return async (request: Request, response: Response) => {
    const signal = goneSignal(response);
    const context = await options.contextOf(request);
    // Before the body is read: who has no key cannot make us work.
    if (!context.access.granted) throw context.access.error;
    requireScope(context.access.principal, route.procedure.meta.scope);
    const limit = bodyLimitOf(route.procedure.meta, options, request, response);
    const input = await readInput(request, route, limit);
    const answer = await callByName({ procedure: route.procedure, context, input, signal });
    response.status(route.procedure.meta.status);
    if (route.procedure.meta.status === 204) response.end();
    else response.json(answer);
  };
}
