/**
 * `/api/v1/webhooks`: the routes of Open Wearables, so that its page works as printed. Bodies are read as JSON whatever
 * their content type says: `curl -d` calls everything a form.
 */
import { Router } from "express";
import type { Request, RequestHandler, Response } from "express";
import type { z } from "zod";
import { PosthornError } from "../../core/errors.js";
import { LIMITS } from "../../core/limits.js";
import type { Log } from "../../core/ports.js";
import { callerFor } from "../caller.js";
import type { ApiCaller } from "../caller.js";
import type { ApiContext } from "../context.js";
import { inputIssues, invalidInput } from "../input-issues.js";
import { readJson } from "../rest/body.js";
import { goneSignal } from "../rest/gone.js";
import { openWearablesFailure } from "./failure.js";
import { answerEndpoint, endpointInput, testInput, userChannel } from "./schemas.js";

/** What its users see in their first test. */
const DEFAULT_TEST_TYPE = "workout.created";

export interface OpenWearablesOptions {
  contextOf: (request: Request) => Promise<ApiContext>;
  bodyBytesMax: number;
  log: Log;
}

type Handle = (call: { api: ApiCaller; request: Request; response: Response }) => Promise<void>;

export function createOpenWearablesRouter(options: OpenWearablesOptions): Router {
  const router = Router({ caseSensitive: true });
  const route = (handle: Handle): RequestHandler => {
    return async (request, response) => {
      const context = await options.contextOf(request);
      if (!context.access.granted) throw context.access.error;
      await handle({ api: callerFor(context, goneSignal(response)), request, response });
    };
  };
  const body = <Schema extends z.ZodType>(request: Request, schema: Schema) =>
    readInput(request, schema, options.bodyBytesMax);

  router.post(
    "/endpoints",
    route(async ({ api, request, response }) => {
      const input = await body(request, endpointInput);
      const endpoint = await api.endpoints.create({
        url: input.url,
        description: input.description ?? "",
        eventTypes: input.filter_types ?? [],
        channels: typeof input.user_id === "string" ? [userChannel(input.user_id)] : [],
        profile: "svix",
      });
      response.status(201).json(answerEndpoint(endpoint));
    }),
  );
  router.get(
    "/endpoints",
    route(async ({ api, response }) => {
      const { data } = await api.endpoints.list({ limit: LIMITS.pageSizeMax });
      response.json(data.map(answerEndpoint));
    }),
  );
  router.get(
    "/endpoints/:id",
    route(async ({ api, request, response }) => {
      response.json(answerEndpoint(await api.endpoints.get({ id: idOf(request) })));
    }),
  );
  router.get(
    "/endpoints/:id/secret",
    route(async ({ api, request, response }) => {
      response.json(await api.endpoints.secret({ id: idOf(request) }));
    }),
  );
  router.post(
    "/endpoints/:id/test",
    route(async ({ api, request, response }) => {
      const input = await body(request, testInput);
      const { id, eventTypes } = await api.endpoints.get({ id: idOf(request) });
      const wanted = input.event_type ?? DEFAULT_TEST_TYPE;
      // As there: a type that the endpoint does not take gives way to the first that it takes.
      const eventType = eventTypes.length === 0 || eventTypes.includes(wanted) ? wanted : eventTypes[0];
      const published = await api.endpoints.test({ id, eventType });
      response.json({ message: "Test event sent successfully.", message_id: published.id });
    }),
  );
  router.use(() => {
    throw new PosthornError("not_found", "Not Found");
  });
  router.use(openWearablesFailure(options.log));
  return router;
}

async function readInput<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  bytesMax: number,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse((await readJson(request, bytesMax)) ?? {});
  if (!parsed.success) throw invalidInput(inputIssues(parsed.error.issues));
  return parsed.data;
}

function idOf(request: Request): string {
  const { id } = request.params;
  return typeof id === "string" ? id : "";
}
