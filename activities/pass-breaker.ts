/**
 * The circuit breaker of an endpoint, as a retry lane meets it: nothing is sent while it is open, and when its time has
 * come one delivery is the probe. Those that rest use up no attempt.
 */
import { needsOwner } from "../core/delivery-state.js";
import type { Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import type { AttemptOrder } from "../core/workflow-contract.js";
import { park, parksUntil } from "./parking.js";
import { BREAKER_OPEN } from "./plan-deliveries.js";
import type { ActivityPorts } from "./ports.js";

/** Spreads the lanes of one endpoint over a moment, or a share of a long rest, so that they do not all come back at once. */
const SPREAD_MS = 2_000;
const SPREAD = 0.1;
/** How long the others wait, at least, for what a probe comes to before they look again. */
const PROBING_REST_MS = 2_000;

export interface Passage {
  /** May be followed now. */
  orders: AttemptOrder[];
  /** One of them, which is to see whether the endpoint is well again. */
  probeId: string | null;
  resting: AttemptOrder[];
  /** How long the others rest. */
  restMs: number;
  /** Not the lane's any more: the sweep gives them to lanes when the breaker lets somebody through, many together. */
  parked: AttemptOrder[];
}

export interface PassageRequest {
  orders: readonly AttemptOrder[];
  /** As on record, by id. */
  deliveries: ReadonlyMap<string, Delivery>;
  /** Those whose event is still there. */
  events: ReadonlyMap<string, WebhookEvent>;
  workflowId: string;
  /** A try before may have posted: what is on record is asked first, and the breaker by each attempt itself. */
  repeated: boolean;
}

/**
 * Commands and test events pass an open breaker, since somebody waits for them; so do orders that will come to no request,
 * because the delivery is not open or not this lane's, or its event has expired.
 */
export async function passBreaker(
  ports: ActivityPorts,
  endpoint: Endpoint | null,
  { orders, deliveries, events, workflowId, repeated }: PassageRequest,
): Promise<Passage> {
  const everybody = { orders: [...orders], probeId: null, resting: [], restMs: 0, parked: [] };
  if (repeated || endpoint === null || endpoint.status !== "active") return everybody;
  const gate = ports.watch.gate(endpoint);
  if (gate.kind === "closed") return everybody;

  const isExempt = (it: AttemptOrder): boolean => {
    const delivery = deliveries.get(it.deliveryId);
    if (it.commandId !== null || delivery === undefined || delivery.test) return true;
    return !needsOwner(delivery.status) || delivery.workflowId !== workflowId || !events.has(delivery.eventId);
  };
  const exempt = orders.filter(isExempt);
  const others = orders.filter((it) => !isExempt(it));
  const [first, ...rest] = others;
  if (first === undefined) return everybody;

  const nowMs = ports.clock.now();
  const parkedUntil = parksUntil(ports, endpoint);
  if (parkedUntil !== null) {
    const ids = others.map((it) => it.deliveryId);
    await park(ports, ids, { owner: workflowId, until: parkedUntil });
    return { ...everybody, orders: exempt, parked: others };
  }
  if (gate.kind === "open" && gate.probedMs === null) {
    const leftMs = gate.untilMs - nowMs;
    const restMs = leftMs + Math.max(SPREAD_MS, SPREAD * leftMs) * ports.random();
    await showRest(ports, others, { deliveries, untilMs: nowMs + restMs });
    return { ...everybody, orders: exempt, resting: others, restMs };
  }
  // They may be many, and a probe of a receiver that hangs is long: they look less and less often, until it must be over.
  const probingMs = gate.kind === "open" ? Math.min(gate.probedMs ?? 0, gate.untilMs - nowMs) : 0;
  const restMs = Math.max(PROBING_REST_MS, probingMs) * (1 + ports.random());
  if (gate.kind === "half-open" && (await ports.watch.claimProbe(endpoint))) {
    return { ...everybody, orders: [...exempt, first], probeId: first.deliveryId, resting: rest, restMs };
  }
  return { ...everybody, orders: exempt, resting: others, restMs };
}

/** For people who look at the deliveries. What was never attempted is due all the while: nobody else will attempt it. */
async function showRest(
  ports: ActivityPorts,
  resting: readonly AttemptOrder[],
  { deliveries, untilMs }: { deliveries: ReadonlyMap<string, Delivery>; untilMs: number },
): Promise<void> {
  const dueAtMs = { pending: ports.clock.now(), retrying: untilMs };
  for (const status of ["pending", "retrying"] as const) {
    const ids = resting.map((it) => it.deliveryId).filter((id) => deliveries.get(id)?.status === status);
    if (ids.length === 0) continue;
    const change = { status, reason: BREAKER_OPEN, nextAttemptAt: new Date(dueAtMs[status]) };
    await ports.deliveries.settle(ids, [status], change);
  }
}
