import { deliveryIdOf } from "../../core/ids.js";
import type { Delivery, Endpoint } from "../../core/model.js";

let count = 0;

/** A delivery to the endpoint of an event that there is not; each one is younger than those before. */
export function sampleDelivery(endpoint: Endpoint, change: Partial<Delivery> = {}): Delivery {
  count += 1;
  const eventId = `msg_${String(count).padStart(27, "0")}`;
  return {
    id: deliveryIdOf(eventId, endpoint.id),
    applicationId: endpoint.applicationId,
    eventId,
    endpointId: endpoint.id,
    eventType: "devices.health-data",
    status: "pending",
    attemptCount: 0,
    scheduledAttemptCount: 0,
    nextAttemptAt: null,
    lastAttemptAt: null,
    lastOutcome: null,
    lastStatusCode: null,
    workflowId: null,
    reason: null,
    test: false,
    createdAt: endpoint.createdAt,
    updatedAt: endpoint.updatedAt,
    ...change,
  };
}
