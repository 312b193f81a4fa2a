/** How a retry lane gets and gives up deliveries. */
import { OPEN_STATUSES } from "../core/delivery-state.js";
import type { Endpoint } from "../core/model.js";
import type { Reservation } from "../core/rate-limit.js";
import type { LaneItem } from "../core/workflow-contract.js";
import { describeForLane } from "./lane-items.js";
import type { ActivityPorts } from "./ports.js";
import { limitOf } from "./turns.js";

export interface AdoptInput {
  workflowId: string;
  endpointId: string;
  deliveryIds: string[];
  /** The owner before, known to have ended; `null` where they are this workflow's already or nobody's. */
  takeFrom: string | null;
  /** Turns that they have already, one for each of `deliveryIds`. */
  reservations?: (Reservation | null)[];
}

/** Takes ownership and answers where each delivery stands, oldest first; those of other owners are left out. */
export async function adoptDeliveries(ports: ActivityPorts, input: AdoptInput): Promise<LaneItem[]> {
  const owned = await ports.deliveries.takeOver(input.deliveryIds, input.takeFrom, input.workflowId);
  if (owned.length === 0) return [];
  const [endpoint, deliveries] = await Promise.all([
    ports.endpoints.findById(input.endpointId),
    ports.deliveries.findByIds(owned),
  ]);
  const nowMs = ports.clock.now();
  const retriesMax = endpoint?.retryPolicy.scheduleSeconds.length ?? 0;
  // A lane attempts in the order in which it came to know its deliveries, and some receivers rely on order.
  deliveries.sort((a, b) => (a.id < b.id ? -1 : 1));
  // A held delivery comes to a lane by a command, which needs it open; one of a release is due already.
  const items = deliveries.map((it) =>
    describeForLane(it.status === "held" ? { ...it, status: "retrying", nextAttemptAt: new Date(nowMs) } : it, {
      nowMs,
      retriesMax,
    }),
  );
  return endpoint === null ? items : inTurn(ports, endpoint, { items, input });
}

/** All that is due gets its turn at once, so that a long lane is not overtaken by those that come after it. */
async function inTurn(
  ports: ActivityPorts,
  endpoint: Endpoint,
  { items, input }: { items: LaneItem[]; input: AdoptInput },
): Promise<LaneItem[]> {
  const nowMs = ports.clock.now();
  const kept = new Map(input.deliveryIds.map((id, index) => [id, input.reservations?.[index] ?? null]));
  const held = new Map<string, Reservation | null>();
  for (const item of items) {
    if (item.kind !== "open") continue;
    const reservation = kept.get(item.deliveryId) ?? null;
    if (reservation !== null || item.dueAtMs <= nowMs) held.set(item.deliveryId, reservation);
  }
  if (endpoint.status !== "active" || limitOf(endpoint) === null) {
    // What was to wait for its turn needs not any more.
    return items.map((it) =>
      it.kind === "open" && kept.get(it.deliveryId) ? { ...it, dueAtMs: nowMs, unsettled: false } : it,
    );
  }
  const turns = await ports.turns.reserve(endpoint, held);
  return items.map((item) => {
    const turn = turns.get(item.deliveryId);
    if (item.kind !== "open" || !turn?.reservation) return item;
    return { ...item, dueAtMs: turn.askAgainAtMs, unsettled: false, reservation: turn.reservation, isTurn: true };
  });
}

export interface CancelInput {
  endpointId: string;
  deliveryIds: string[];
  reason: string;
}

/** Cancels what is open; answers where each stands, so that a delivery that ended meanwhile is seen as what it is. */
export async function cancelDeliveries(ports: ActivityPorts, input: CancelInput): Promise<LaneItem[]> {
  await ports.deliveries.settle(input.deliveryIds, OPEN_STATUSES, {
    status: "cancelled",
    reason: input.reason,
    nextAttemptAt: null,
  });
  const nowMs = ports.clock.now();
  return (await ports.deliveries.findByIds(input.deliveryIds)).map((it) =>
    describeForLane(it, { nowMs, retriesMax: 0 }),
  );
}
