/** Which deliveries an event has, and which of them may be attempted here and now. */
import { matchEndpoint } from "../core/filter.js";
import { deliveryIdOf } from "../core/ids.js";
import type { Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import type { ActivityPorts } from "./ports.js";

/** Shown with a delivery that waits for it. */
export const BREAKER_OPEN = "the endpoint fails: its circuit breaker is open";
const PROBED_MS = 2_000;

/**
 * `fast`: attempt now. `lane`: to the retry lane, which makes the first attempt when its turn comes, because the endpoint
 * has a rate limit, or at once. `crowded`: the same, because the endpoint has a long queue and must not hold up others.
 * `parked`: its circuit breaker is open; the sweep gives what is parked to lanes when its time has come, many together,
 * because a workflow for each would cost more than all deliveries that succeed. `held`: its endpoint is paused or disabled.
 */
export type Route = "fast" | "lane" | "crowded" | "parked" | "held";

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
      const route = routeOf(ports, endpoint, event);
      return { endpoint, route, delivery: newDelivery(ports, { event, endpoint, route }) };
    });
}

function routeOf(ports: ActivityPorts, endpoint: Endpoint, event: WebhookEvent): Route {
  if (endpoint.status !== "active") return "held";
  const gate = ports.watch.gate(endpoint);
  // Somebody waits for a test event.
  if (gate.kind === "open" && !event.test) return "parked";
  if (endpoint.rateLimit !== null || gate.kind !== "closed") return "lane";
  return ports.slots.hasLongQueue(endpoint.id) ? "crowded" : "fast";
}

function newDelivery(
  ports: ActivityPorts,
  planned: { event: WebhookEvent; endpoint: Endpoint; route: Route },
): Delivery {
  const { event, endpoint } = planned;
  const now = new Date(ports.clock.now());
  return {
    id: deliveryIdOf(event.id, endpoint.id),
    applicationId: event.applicationId,
    eventId: event.id,
    endpointId: endpoint.id,
    eventType: event.eventType,
    attemptCount: 0,
    scheduledAttemptCount: 0,
    lastAttemptAt: null,
    lastOutcome: null,
    lastStatusCode: null,
    workflowId: null,
    ...waitOf(ports, planned),
    test: event.test,
    createdAt: now,
    updatedAt: now,
  };
}

function waitOf(
  ports: ActivityPorts,
  { endpoint, route }: { endpoint: Endpoint; route: Route },
): Pick<Delivery, "status" | "nextAttemptAt" | "reason"> {
  const nowMs = ports.clock.now();
  if (route === "held") return { status: "held", nextAttemptAt: null, reason: `the endpoint is ${endpoint.status}` };
  if (route !== "parked") return { status: "pending", nextAttemptAt: new Date(nowMs), reason: null };
  return { status: "pending", nextAttemptAt: new Date(parkedUntilMs(ports, endpoint, nowMs)), reason: BREAKER_OPEN };
}

/** Until the breaker lets somebody through; a probe that is on its way says more soon. */
function parkedUntilMs({ watch }: ActivityPorts, endpoint: Endpoint, nowMs: number): number {
  const gate = watch.gate(endpoint);
  if (gate.kind !== "open") return nowMs;
  return gate.probedMs === null ? gate.untilMs : Math.min(gate.untilMs, nowMs + PROBED_MS);
}
