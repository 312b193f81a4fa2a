/** The event that shows whether an endpoint works. */
import { PosthornError } from "../../core/errors.js";
import type { JsonObject } from "../../core/json.js";
import type { Endpoint } from "../../core/model.js";
import { metriportMessageType } from "../catalogue/metriport/message-types.js";
import { openWearablesEventType } from "../catalogue/open-wearables/event-types.js";
import type { ApiServices } from "../deps.js";
import type { PublishAnswer } from "../schemas/publish.js";
import { acceptEvent } from "./accept.js";
import { newEvent } from "./new-event.js";

const FALLBACK_TYPE = "posthorn.test";

/**
 * Publishes a test event to exactly this endpoint, whatever its filters say. It has the endpoint's channels, as an event
 * would have that reaches it in real life, and the example of its type: the application's own, or the one of
 * the catalogue that has it.
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
  const known = openWearablesEventType(eventType) ?? metriportMessageType(eventType);
  const payload = filled(registered?.example) ?? known?.example ?? fallback(services, eventType);
  const item = { eventType, payload, channels: [...endpoint.channels], endpointIds: [endpoint.id] };
  return acceptEvent(services, await newEvent(services, endpoint.applicationId, item, { test: true }));
}

/** What the endpoint would take in real life: its first filter, `order.*` as `order.test`. */
function typeFor(endpoint: Endpoint): string {
  const [first] = endpoint.eventTypes;
  if (first === undefined) return FALLBACK_TYPE;
  return first.endsWith(".*") ? `${first.slice(0, -1)}test` : first;
}

/** An example without anything in it shows nobody what an event looks like. */
function filled(example: JsonObject | null | undefined): JsonObject | null {
  return example === null || example === undefined || Object.keys(example).length === 0 ? null : example;
}

function fallback(services: ApiServices, eventType: string): JsonObject {
  const timestamp = new Date(services.clock.now()).toISOString();
  return { type: eventType, timestamp, data: { message: "This is a test event. Your endpoint works." } };
}
