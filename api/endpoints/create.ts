import { HEALTHY } from "../../core/endpoint-health.js";
import { PosthornError } from "../../core/errors.js";
import { LIMITS } from "../../core/limits.js";
import type { Endpoint } from "../../core/model.js";
import type { EndpointStore } from "../../core/store-ports.js";
import { DEFAULT_RETRY_POLICY } from "../../core/retry.js";
import type { ApiServices } from "../deps.js";
import type { EndpointCreate } from "../schemas/endpoint.js";
import { taken } from "../taken.js";
import { asciiUrl } from "./ascii-url.js";
import { checkEndpoint } from "./checks.js";
import { keyPairsFor } from "./key-pairs.js";
import { rateLimitFrom } from "./rate-limit.js";
import { secretFrom } from "./secrets.js";

/**
 * Registers an endpoint, active from the start.
 *
 * @throws `invalid_input` for a URL, header, secret or signatures that are refused; `conflict` if the uid is taken or the
 *   application has 1000 endpoints
 */
export async function createEndpoint(
  services: ApiServices,
  applicationId: string,
  input: EndpointCreate,
): Promise<Endpoint> {
  checkEndpoint(services, input);
  const profile = input.profile ?? "standard";
  const key = secretFrom(services.secrets, { imported: input.secret, path: "secret", profile });
  const asymmetricKeys = keyPairsFor(services, { profile, asymmetricKeys: [] }, input.signatures) ?? [];
  const id = services.ids.next("endpoint");
  const now = new Date(services.ids.timeOf(id));
  const inserted = await services.stores.endpoints.insert({
    id,
    applicationId,
    uid: input.uid ?? null,
    url: asciiUrl(input.url),
    description: input.description ?? "",
    eventTypes: input.eventTypes ?? [],
    channels: input.channels ?? [],
    headers: input.headers ?? {},
    metadata: input.metadata ?? {},
    profile,
    pairedEvents: input.pairedEvents ?? "both",
    skipPong: input.skipPong ?? false,
    retryPolicy: input.retryPolicy ?? DEFAULT_RETRY_POLICY,
    rateLimit: rateLimitFrom(input.rateLimit ?? null),
    clientErrors: input.clientErrors ?? "retry",
    timeoutMs: input.timeoutMs ?? (profile === "metriport" ? LIMITS.metriportTimeoutMs : LIMITS.timeoutMsDefault),
    status: "active",
    statusReason: null,
    receiver: null,
    health: HEALTHY,
    secrets: [{ key, createdAt: now, expiresAt: null }],
    asymmetricKeys,
    createdAt: now,
    updatedAt: now,
  });
  const endpoint = rowOf(inserted, input.uid);
  services.directory.invalidate(applicationId);
  return endpoint;
}

function rowOf(inserted: Awaited<ReturnType<EndpointStore["insert"]>>, uid: string | undefined): Endpoint {
  switch (inserted.kind) {
    case "full":
      throw new PosthornError("conflict", `An application has at most ${LIMITS.endpointsPerApplicationMax} endpoints.`);
    case "taken":
      throw taken(inserted.field, uid);
    case "inserted":
      return inserted.row;
  }
}
