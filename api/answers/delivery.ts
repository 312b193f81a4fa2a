import type { Attempt, Delivery } from "../../core/model.js";
import type { Engine } from "../../core/ports.js";
import type { DeliveryAnswer, DeliveryDetailAnswer } from "../schemas/delivery.js";
import { answerAttempt } from "./attempt.js";
import { isoTime, isoTimeOrNull } from "./time.js";

export function answerDelivery(delivery: Delivery, engine: Pick<Engine, "workflowUrl">): DeliveryAnswer {
  return {
    id: delivery.id,
    eventId: delivery.eventId,
    endpointId: delivery.endpointId,
    eventType: delivery.eventType,
    status: delivery.status,
    attemptCount: delivery.attemptCount,
    nextAttemptAt: isoTimeOrNull(delivery.nextAttemptAt),
    lastAttemptAt: isoTimeOrNull(delivery.lastAttemptAt),
    lastOutcome: delivery.lastOutcome,
    lastStatusCode: delivery.lastStatusCode,
    reason: delivery.reason,
    test: delivery.test,
    workflowUrl: engine.workflowUrl(delivery),
    createdAt: isoTime(delivery.createdAt),
    updatedAt: isoTime(delivery.updatedAt),
  };
}

export function answerDeliveryDetail(
  delivery: Delivery,
  attempts: readonly Attempt[],
  engine: Pick<Engine, "workflowUrl">,
): DeliveryDetailAnswer {
  return { ...answerDelivery(delivery, engine), attempts: attempts.map(answerAttempt) };
}
