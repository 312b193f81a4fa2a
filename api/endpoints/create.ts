import { PosthornError } from "../../core/errors.js";
import { LIMITS } from "../../core/limits.js";
import type { Endpoint } from "../../core/model.js";
import { DEFAULT_RETRY_POLICY } from "../../core/retry.js";
import type { ApiServices } from "../deps.js";
import type { EndpointCreate } from "../schemas/endpoint.js";
import { taken } from "../taken.js";
import { checkEndpoint } from "./checks.js";
import { secretFrom } from "./secrets.js";

/**
 * Registers an endpoint, active from the start.
 *
 * @throws `invalid_input` for a URL, header or secret that is refused; `conflict` if the uid is taken or the
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
  const id = services.ids.next("endpoint");
  const now = new Date(services.ids.timeOf(id));
  const inserted = await services.stores.endpoints.insert({
    id,
    applicationId,
    uid: input.uid ?? null,
    url: input.url,
    description: input.description ?? "",
    eventTypes: input.eventTypes ?? [],
    channels: input.channels ?? [],
    headers: input.headers ?? {},
    metadata: input.metadata ?? {},
    profile,
    pairedEvents: input.pairedEvents ?? "both",
    skipPong: input.skipPong ?? false,
    retryPolicy: input.retryPolicy ?? DEFAULT_RETRY_POLICY,
    timeoutMs: input.timeoutMs ?? (profile === "metriport" ? LIMITS.metriportTimeoutMs : LIMITS.timeoutMsDefault),
    status: "active",
    statusReason: null,
    receiver: null,
    secrets: [{ key, createdAt: now, expiresAt: null }],
    createdAt: now,
    updatedAt: now,
  });
  switch (inserted.kind) {
    case "full":
      throw new PosthornError("conflict", `An application has at most ${LIMITS.endpointsPerApplicationMax} endpoints.`);
    case "taken":
      throw taken(inserted.field, input.uid);
    case "inserted":
      services.directory.invalidate(applicationId);
      return inserted.row;
  }
}
