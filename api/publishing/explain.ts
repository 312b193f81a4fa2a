/** Why each endpoint gets an event or does not. */
import { matchEndpoint } from "../../core/filter.js";
import type { Delivery, Endpoint, WebhookEvent } from "../../core/model.js";
import { withoutQuery } from "../answers/url.js";
import type { ExplainAnswer } from "../schemas/event.js";

type Explained = ExplainAnswer["endpoints"][number];

/** One entry per endpoint of the application and per delivery whose endpoint is gone. */
export function explainEvent(
  event: WebhookEvent,
  endpoints: readonly Endpoint[],
  deliveries: readonly Delivery[],
): ExplainAnswer {
  const byEndpoint = new Map(deliveries.map((delivery) => [delivery.endpointId, delivery]));
  const present = endpoints.map((endpoint) => explainEndpoint(event, endpoint, byEndpoint.get(endpoint.id) ?? null));
  const known = new Set(endpoints.map((endpoint) => endpoint.id));
  const deleted = deliveries.filter((delivery) => !known.has(delivery.endpointId)).map(explainDeleted);
  return { eventId: event.id, endpoints: [...present, ...deleted] };
}

function explainEndpoint(event: WebhookEvent, endpoint: Endpoint, delivery: Delivery | null): Explained {
  const match = matchEndpoint(endpoint, event);
  const base = {
    endpointId: endpoint.id,
    url: withoutQuery(endpoint.url),
    deliveryId: delivery?.id ?? null,
    deliveryStatus: delivery?.status ?? null,
  };
  if (delivery !== null && !match.matched) {
    const explanation = `It matched when the event was sent out. Now: ${match.explanation}`;
    return { ...base, matched: true, reason: match.reason, explanation };
  }
  if (delivery === null && match.matched && event.state === "dispatched")
    return { ...base, ...missed(event, endpoint) };
  return { ...base, ...match };
}

/** Matches now, but has no delivery although the event went out. */
function missed(event: WebhookEvent, endpoint: Endpoint): Pick<Explained, "matched" | "reason" | "explanation"> {
  const later = endpoint.createdAt > event.createdAt;
  const when = later ? "was created after the event" : "was changed after the event";
  return { matched: false, reason: "later", explanation: `It matches now, but ${when} was sent out.` };
}

function explainDeleted(delivery: Delivery): Explained {
  return {
    endpointId: delivery.endpointId,
    url: null,
    matched: true,
    reason: "deleted",
    explanation: "It matched when the event was sent out; the endpoint was deleted since.",
    deliveryId: delivery.id,
    deliveryStatus: delivery.status,
  };
}
