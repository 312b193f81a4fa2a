/** How a retry lane gets and gives up deliveries. */
import { OPEN_STATUSES } from "../core/delivery-state.js";
import type { LaneItem } from "../core/workflow-contract.js";
import { describeForLane } from "./lane-items.js";
import type { ActivityPorts } from "./ports.js";

export interface AdoptInput {
  workflowId: string;
  endpointId: string;
  deliveryIds: string[];
  /** The owner before, known to have ended; `null` where they are this workflow's already or nobody's. */
  takeFrom: string | null;
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
  return deliveries.map((it) =>
    describeForLane(it.status === "held" ? { ...it, status: "retrying", nextAttemptAt: new Date(nowMs) } : it, {
      nowMs,
      retriesMax,
    }),
  );
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
