/**
 * `POST /v1/events` and `POST /v1/events/batch` without Express and tRPC. Nothing is asked for as often, and their chains
 * cost several times what publishing does. What is said of a request, by whom and in which order, is the same.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { getTRPCErrorFromUnknown } from "@trpc/server";
import { isPosthornError } from "../../core/errors.js";
import type { JsonObject } from "../../core/json.js";
import type { ApplicationFinder } from "../application-finder.js";
import { AuditNote } from "../audit/note.js";
import type { Authenticator } from "../auth.js";
import type { CorsHeaders } from "../cors.js";
import type { ApiServices } from "../deps.js";
import { parseInput } from "../input-issues.js";
import { requireScope } from "../keys/require-scope.js";
import { publish, publishBatch } from "../publishing/publish.js";
import type { PublishContext } from "../publishing/publish.js";
import { headProblem } from "../request-bounds.js";
import { chooseRequestId } from "../request-id.js";
import { publishBatchInput, publishInput } from "../schemas/publish.js";
import { bodyLimitOf } from "./body-limit.js";
import { failureAnswer } from "./failure.js";
import { readInput } from "./input.js";
import { jsonResponder } from "./json-responder.js";
import type { JsonAnswer } from "./json-responder.js";
import type { LargeBodies } from "./large-bodies.js";
import { restRoutes } from "./routes.js";
import type { RestRoute } from "./routes.js";

export interface PublishListenerOptions {
  services: ApiServices;
  applications: ApplicationFinder;
  authenticator: Pick<Authenticator, "authenticateAtOnce">;
  bodyBytesMax: number;
  largeBodies: LargeBodies;
  corsHeaders: CorsHeaders;
}

type Call = (context: PublishContext, input: JsonObject) => Promise<object>;

interface PublishRoute extends RestRoute {
  call: Call;
}

/** By the name of the procedure. */
const CALLS: Readonly<Record<string, Call>> = {
  "events.publish": (context, input) => publish(context, parseInput(publishInput, input)),
  "events.publishBatch": (context, input) => publishBatch(context, parseInput(publishBatchInput, input)),
};

/** @param otherwise answers everything else, and those whose key is not known at the moment */
export function createPublishListener(options: PublishListenerOptions, otherwise: RequestListener): RequestListener {
  const routes = publishRoutes();
  const respond = jsonResponder();

  async function answer(route: PublishRoute, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = chooseRequestId(request.headers);
    let result: Omit<JsonAnswer, "requestId" | "cors">;
    try {
      const access = options.authenticator.authenticateAtOnce(request);
      if (access === null) {
        otherwise(request, response);
        return;
      }
      const { meta } = route.procedure;
      // Before the body is read: who has no key cannot make us work.
      if (!access.granted) throw access.error;
      requireScope(access.principal, meta.scope);
      const input = await readInput(request, route, bodyLimitOf(meta, options, request, response));
      const { services, applications } = options;
      const context = { services, applications, principal: access.principal, audit: new AuditNote(), requestId };
      result = { status: meta.status, body: await route.call(context, input) };
    } catch (error) {
      // As procedures fail: what nobody expected is a fault of ours, whatever it says of itself.
      const failure = isPosthornError(error) ? error : getTRPCErrorFromUnknown(error);
      result = failureAnswer(failure, requestId, options.services.log);
    }
    respond(response, { requestId, cors: options.corsHeaders(request), ...result });
  }

  return (request, response) => {
    const route = routes.get(pathOf(request.url ?? ""));
    if (route === undefined || route.method !== request.method || headProblem(request) !== null) {
      otherwise(request, response);
    } else {
      void answer(route, request, response);
    }
  };
}

function publishRoutes(): Map<string, PublishRoute> {
  const routes = new Map<string, PublishRoute>();
  for (const route of restRoutes()) {
    const call = CALLS[route.procedure.name];
    if (call !== undefined) routes.set(route.path, { ...route, call });
  }
  return routes;
}

function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}
