/** `/settings`: the routes of Metriport by which a customer sets up its webhook and looks after it. */
import { Router } from "express";
import type { Request, RequestHandler, Response } from "express";
import { PosthornError } from "../../core/errors.js";
import type { Endpoint } from "../../core/model.js";
import type { Log } from "../../core/ports.js";
import type { Scope } from "../../core/scopes.js";
import { applicationOf } from "../application-of.js";
import { audited } from "../audit/record.js";
import { callerContext } from "../context.js";
import type { ApiContext, CallerContext } from "../context.js";
import type { ApiConfig, ApiServices } from "../deps.js";
import { tryAnew } from "../endpoints/try-anew.js";
import { sampleInput, settingsInput } from "../schemas/metriport.js";
import { designatedEndpoint, isCleared } from "./designated.js";
import { metriportFailure, RefusedUrl } from "./failure.js";
import { namedApplication, readBody } from "./input.js";
import { sendSample } from "./sample.js";
import { Serial } from "./serial.js";
import { freshApplication, readSettings, updateSettings } from "./settings.js";
import { webhookStatus } from "./webhook-status.js";

export interface MetriportOptions {
  contextOf: (request: Request) => Promise<ApiContext>;
  config: Pick<ApiConfig, "bodyBytesMax" | "samplePayloads">;
  log: Log;
}

interface Call {
  context: CallerContext;
  services: ApiServices;
  applicationId: string;
  request: Request;
  response: Response;
}

interface Handler {
  scopes: readonly Scope[];
  handle: (call: Call) => Promise<void>;
}

/** To be mounted at `/settings`. */
export function createMetriportRouter({ contextOf, config, log }: MetriportOptions): Router {
  const router = Router({ caseSensitive: true });
  const { bodyBytesMax } = config;
  const settings = new Serial();

  const handlerOf = ({ scopes, handle }: Handler): RequestHandler => {
    return async (request, response) => {
      // Before the body is read: who has no key cannot make us work.
      const context = callerContext(await contextOf(request), scopes);
      const applicationId = await applicationOf(context, namedApplication(request));
      await handle({ context, services: context.services, applicationId, request, response });
    };
  };
  const on = (path: string, handlers: { get?: Handler; post?: Handler }): void => {
    const route = router.route(path);
    if (handlers.get !== undefined) route.get(handlerOf(handlers.get));
    if (handlers.post !== undefined) route.post(handlerOf(handlers.post));
    route.all((_request, response) => {
      response.setHeader("allow", Object.keys(handlers).join(", ").toUpperCase());
      throw new PosthornError("method_not_allowed");
    });
  };

  on("/", {
    // Settings show the key.
    get: {
      scopes: ["secrets:read"],
      handle: async ({ context, services, applicationId, response }) => {
        const read = () => readSettings(services, applicationId);
        response.json(await audited(context, "settings.read", () => settings.run(applicationId, read)));
      },
    },
    post: {
      scopes: ["endpoints:write", "secrets:read"],
      handle: async ({ context, services, applicationId, request, response }) => {
        const input = await readBody(request, settingsInput, bodyBytesMax);
        const isUrl = typeof input.webhookUrl === "string" && input.webhookUrl !== "";
        if (isUrl) checkUrl(services, input.webhookUrl ?? "");
        const update = () => updateSettings(services, applicationId, input, context.audit);
        const updated = await settings.run(applicationId, () =>
          audited(context, "settings.update", update, (it) => it.settings),
        );
        context.applications.forget();
        response.json(updated.settings);
        if (isUrl && updated.endpoint !== null) context.pings.later(updated.endpoint);
      },
    },
  });
  on("/webhook", {
    get: {
      scopes: ["endpoints:read"],
      handle: async ({ services, applicationId, response }) => {
        const { metriport } = await freshApplication(services, applicationId);
        const endpoint = await designatedEndpoint(services, applicationId);
        // An endpoint that was imported has a status, whether or not its settings were ever read here.
        if (metriport === null && endpoint === null) {
          throw new PosthornError("not_found", "There are no settings yet: GET /settings makes them.");
        }
        response.json(await webhookStatus(services, endpoint));
      },
    },
  });
  on("/webhook/retry", {
    post: {
      scopes: ["deliveries:write"],
      handle: async ({ context, services, applicationId, response }) => {
        const endpoint = await designatedEndpoint(services, applicationId);
        if (endpoint !== null && !isCleared(endpoint)) {
          context.audit.targetId = endpoint.id;
          await audited(context, "settings.retry", () => retry(services, endpoint));
        }
        response.sendStatus(200);
      },
    },
  });
  on("/webhook/sample-payload", {
    post: {
      scopes: ["events:write"],
      handle: async ({ context, services, applicationId, request, response }) => {
        if (config.samplePayloads === "admins" && context.principal.kind !== "admin") {
          throw new PosthornError(
            "invalid_input",
            "Sample payloads are not available in production without an admin key.",
          );
        }
        const sample = await readBody(request, sampleInput, bodyBytesMax);
        response.json(await sendSample(services, await designatedEndpoint(services, applicationId), sample));
      },
    },
  });
  router.use(() => {
    throw new PosthornError("not_found", "There is no such path.");
  });
  router.use(metriportFailure(log));
  return router;
}

function checkUrl({ urlPolicy }: ApiServices, url: string): void {
  const verdict = urlPolicy.check(url);
  if (!verdict.ok) throw new RefusedUrl(verdict.problem);
}

async function retry(services: ApiServices, endpoint: Endpoint): Promise<void> {
  const { engine, ids } = services;
  await tryAnew(services, endpoint);
  const endpointId = endpoint.id;
  const reason = "retried by Metriport's settings";
  await engine.startOperation({ operationId: ids.next("operation"), kind: "retry", endpointId, reason });
}
