/** The event that shows whether an endpoint works. */
import { PosthornError } from "../../core/errors.js";
import type { Endpoint } from "../../core/model.js";
import type { ApiServices } from "../deps.js";
import type { JsonObject } from "../json-object.js";
import type { PublishAnswer } from "../schemas/publish.js";
import { acceptEvent } from "./accept.js";
import { newEvent } from "./new-event.js";

const FALLBACK_TYPE = "posthorn.test";

/**
 * Publishes a test event to exactly this endpoint, whatever its filters say.
 *
 * @throws `endpoint_inactive` if the endpoint is paused or disabled: the event would only be held
 */
export async function publishTestEvent(
  services: ApiServices,
  endpoint: Endpoint,
  eventType = typeFor(endpoint),
): Promise<PublishAnswer> {
  if (endpoint.status !== "active") {
    throw new PosthornError("endpoint_inactive", `The endpoint is ${endpoint.status}; nothing would be sent.`);
  }
  const registered = await services.stores.eventTypes.find(endpoint.applicationId, eventType);
  const payload: JsonObject = registered?.example ?? {
    type: eventType,
    timestamp: new Date(services.clock.now()).toISOString(),
    data: { message: "This is a test event. Your endpoint works." },
  };
  const item = { eventType, payload, endpointIds: [endpoint.id] };
  return acceptEvent(services, await newEvent(services, endpoint.applicationId, item, { test: true }));
}

/** What the endpoint would take in real life: its first filter, `order.*` as `order.test`. */
function typeFor(endpoint: Endpoint): string {
  const [first] = endpoint.eventTypes;
  if (first === undefined) return FALLBACK_TYPE;
  return first.endsWith(".*") ? `${first.slice(0, -1)}test` : first;
}
