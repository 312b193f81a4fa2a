import type { Attempt } from "../../core/model.js";
import type { AttemptAnswer } from "../schemas/attempt.js";
import { isoTime } from "./time.js";
import { withoutQuery } from "./url.js";

export function answerAttempt(attempt: Attempt): AttemptAnswer {
  return {
    id: attempt.id,
    deliveryId: attempt.deliveryId,
    eventId: attempt.eventId,
    endpointId: attempt.endpointId,
    eventType: attempt.eventType,
    number: attempt.number,
    trigger: attempt.trigger,
    url: withoutQuery(attempt.url),
    startedAt: isoTime(attempt.startedAt),
    durationMs: attempt.durationMs,
    statusCode: attempt.statusCode,
    outcome: attempt.outcome,
    error: attempt.error,
    remedy: attempt.remedy,
    responseBody: attempt.responseBody,
    responseTruncated: attempt.responseTruncated,
  };
}
