/** Deliveries as a retry lane sees them. */
import { isFinal } from "../core/delivery-state.js";
import type { Delivery } from "../core/model.js";
import type { LaneItem } from "../core/workflow-contract.js";

/** Where a delivery stands after what is on record. */
export function describeForLane(delivery: Delivery, context: { nowMs: number; retriesMax: number }): LaneItem {
  if (isFinal(delivery.status)) return { deliveryId: delivery.id, kind: "final", status: delivery.status };
  if (delivery.status === "held") return { deliveryId: delivery.id, kind: "released" };
  const dueAtMs = delivery.nextAttemptAt?.getTime() ?? context.nowMs;
  return {
    deliveryId: delivery.id,
    kind: "open",
    dueAtMs,
    attemptCount: delivery.attemptCount,
    retriesMade: delivery.scheduledAttemptCount,
    retriesMax: context.retriesMax,
    // What waits for its endpoint has a reason, and no attempt on its way.
    unsettled:
      delivery.status === "pending" &&
      delivery.attemptCount === 0 &&
      delivery.reason === null &&
      dueAtMs > context.nowMs,
  };
}
