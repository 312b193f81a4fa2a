/** Which deliveries an event has, and which of them may be attempted here and now. */
import { matchEndpoint } from "../core/filter.js";
import { deliveryIdOf } from "../core/ids.js";
import type { Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import type { ActivityPorts } from "./ports.js";

/**
 * `fast`: attempt now. `lane`: to the retry lane, with a first attempt at once, because the endpoint is slow, sick or
 * busy and must not hold up others, or when its turn comes, because the endpoint has a rate limit. `held`: its endpoint is paused or disabled.
 */
export type Route = "fast" | "lane" | "held";

export interface PlannedDelivery {
  endpoint: Endpoint;
  /** As it would be inserted. */
  delivery: Delivery;
  route: Route;
}

/** The deliveries of an event as its application's endpoints are now. */
export async function planDeliveries(ports: ActivityPorts, event: WebhookEvent): Promise<PlannedDelivery[]> {
  const endpoints = await ports.directory.of(event.applicationId);
  return endpoints
    .filter((endpoint) => matchEndpoint(endpoint, event).matched)
    .map((endpoint) => {
      const route = routeOf(ports, endpoint);
      return { endpoint, route, delivery: newDelivery(ports, { event, endpoint, route }) };
    });
}

function routeOf(ports: ActivityPorts, endpoint: Endpoint): Route {
  if (endpoint.status !== "active") return "held";
  const isUnfit =
    endpoint.rateLimit !== null ||
    ports.recent.isSick(endpoint.id, ports.clock.now()) ||
    ports.slots.isCrowded(endpoint.id) ||
    ports.watch.gate(endpoint).kind !== "closed";
  return isUnfit ? "lane" : "fast";
}

function newDelivery(
  ports: ActivityPorts,
  planned: { event: WebhookEvent; endpoint: Endpoint; route: Route },
): Delivery {
  const { event, endpoint } = planned;
  const held = planned.route === "held";
  const now = new Date(ports.clock.now());
  return {
    id: deliveryIdOf(event.id, endpoint.id),
    applicationId: event.applicationId,
    eventId: event.id,
    endpointId: endpoint.id,
    eventType: event.eventType,
    status: held ? "held" : "pending",
    attemptCount: 0,
    scheduledAttemptCount: 0,
    nextAttemptAt: held ? null : now,
    lastAttemptAt: null,
    lastOutcome: null,
    lastStatusCode: null,
    workflowId: null,
    reason: held ? `the endpoint is ${endpoint.status}` : null,
    test: event.test,
    createdAt: now,
    updatedAt: now,
  };
}
