/** The HTTP application: everything that callers of Posthorn meet. */
import type { RequestListener } from "node:http";
import express from "express";
import type { Express, Request, RequestHandler } from "express";
import { createApplicationFinder } from "./application-finder.js";
import type { ApplicationFinder } from "./application-finder.js";
import { createAuthenticator } from "./auth.js";
import type { Authenticator } from "./auth.js";
import type { ApiContext } from "./context.js";
import { allowPages, createCorsHeaders } from "./cors.js";
import type { CorsHeaders } from "./cors.js";
import type { ApiDeps } from "./deps.js";
import { createDocsRouter } from "./docs-page/router.js";
import { createHealthRouter } from "./health.js";
import { Pings } from "./metriport/pings.js";
import { createMetriportRouter } from "./metriport/router.js";
import { createOpenWearablesRouter } from "./open-wearables/router.js";
import { requestBounds } from "./request-bounds.js";
import { assignRequestId, requestIdOf } from "./request-id.js";
import { failureHandler, unknownPath } from "./rest/failure.js";
import { LargeBodies } from "./rest/large-bodies.js";
import { createPublishListener } from "./rest/publish-listener.js";
import { createRestRouter } from "./rest/router.js";
import { setSecurityHeaders } from "./security-headers.js";
import { createTrpcRoute } from "./trpc-route.js";

const SETTLE_MS_MAX = 25_000;

/** What all ways to the procedures have in common: a key is known to all of them, and limited once. */
interface Shared {
  authenticator: Authenticator;
  applications: ApplicationFinder;
  largeBodies: LargeBodies;
  corsHeaders: CorsHeaders;
}

/** Everything that is served to callers: {@link createApiApp}, and before it the short way for publishing. */
export function createApiListener(deps: ApiDeps): RequestListener {
  const shared = sharedBy(deps);
  const { bodyBytesMax } = deps.config;
  return createPublishListener({ services: deps, ...shared, bodyBytesMax }, createApiApp(deps, shared));
}

/**
 * `/trpc`, `/v1`, `/api/v1`, `/settings`, `/openapi.json`, `/docs`, `/healthz`, `/readyz` and, with `health.metricsText`,
 * `/metrics`. Serves as soon as it listens; holds no resources of its own.
 */
export function createApiApp(deps: ApiDeps, shared = sharedBy(deps)): Express {
  const { config, log } = deps;
  const contextOf = contextFactory(deps, shared);
  const options = { contextOf, bodyBytesMax: config.bodyBytesMax, largeBodies: shared.largeBodies, log };

  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);
  app.set("trust proxy", config.trustedProxies?.length ? [...config.trustedProxies] : false);
  app.use(assignRequestId, setSecurityHeaders());
  // Before anything is refused: pages may read why.
  app.use(["/trpc", "/v1"], allowPages(shared.corsHeaders));
  app.use(requestBounds);
  app.use(["/trpc", "/v1", "/api", "/settings"], noStore);
  // No JSON parser before this: it would switch off tRPC's limit.
  app.use("/trpc", createTrpcRoute(options));
  app.use(createRestRouter(options));
  app.use(createHealthRouter(deps.health));
  app.use(createDocsRouter(config));
  app.use("/api/v1", createOpenWearablesRouter(options));
  app.use("/settings", createMetriportRouter({ contextOf, config, log }));
  app.use(unknownPath);
  app.use(failureHandler(log));
  return app;
}

/** What a process serves that accepts nothing: `/healthz`, `/readyz` and `/metrics`. */
export function createHealthApp(deps: Pick<ApiDeps, "health" | "log">): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(assignRequestId, setSecurityHeaders(), requestBounds);
  app.use(createHealthRouter(deps.health));
  app.use(unknownPath);
  app.use(failureHandler(deps.log));
  return app;
}

function sharedBy(deps: ApiDeps): Shared {
  return {
    authenticator: createAuthenticator({ ...deps, apiKeys: deps.stores.apiKeys }),
    applications: createApplicationFinder(deps.stores.applications, deps.clock),
    largeBodies: new LargeBodies(),
    corsHeaders: createCorsHeaders(deps.config.corsOrigins ?? []),
  };
}

function contextFactory(
  deps: ApiDeps,
  { authenticator, applications }: Shared,
): (request: Request, calls?: number) => Promise<ApiContext> {
  const { config } = deps;
  const pings = new Pings(deps);
  return async (request, calls) => ({
    services: deps,
    applications,
    pings,
    access: await authenticator.authenticate(request, calls),
    forgetKeys: () => authenticator.forget(),
    requestId: requestIdOf(request),
    version: config.version,
    bodyBytesMax: config.bodyBytesMax,
    settleMsMax: config.settleMsMax ?? SETTLE_MS_MAX,
  });
}

/** Answers carry secrets and what customers do. */
const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader("cache-control", "no-store");
  next();
};
