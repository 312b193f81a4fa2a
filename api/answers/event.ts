import { jsonObjectIn } from "../../core/json.js";
import type { DeliveryStatus, EventSummary, WebhookEvent } from "../../core/model.js";
import type { EventAnswer, EventSummaryAnswer } from "../schemas/event.js";
import { isoTime, isoTimeOrNull } from "./time.js";

type Described = Omit<EventSummary, "payloadBytes">;

export function answerEventSummary(event: EventSummary): EventSummaryAnswer {
  return { ...describe(event), payloadBytes: event.payloadBytes };
}

/** With the payload: as JSON where it is an object that can be written anew, else as base64. */
export function answerEvent(event: WebhookEvent, counts: Partial<Record<DeliveryStatus, number>>): EventAnswer {
  // Raw bytes may call themselves JSON and be none, and what another version stored may be too deep for an answer.
  const payload = event.contentType === "application/json" ? jsonObjectIn(event.payload) : null;
  return {
    ...describe(event),
    payload,
    payloadBase64: payload === null ? Buffer.from(event.payload).toString("base64") : null,
    deliveries: {
      pending: counts.pending ?? 0,
      retrying: counts.retrying ?? 0,
      held: counts.held ?? 0,
      delivered: counts.delivered ?? 0,
      failed: counts.failed ?? 0,
      cancelled: counts.cancelled ?? 0,
    },
  };
}

function describe(event: Described) {
  return {
    id: event.id,
    eventId: event.eventId,
    eventType: event.eventType,
    channels: [...event.channels],
    metadata: { ...event.metadata },
    contentType: event.contentType,
    endpointIds: event.endpointIds === null ? null : [...event.endpointIds],
    pairRole: event.pairRole,
    test: event.test,
    deliverAt: isoTimeOrNull(event.deliverAt),
    state: event.state,
    createdAt: isoTime(event.createdAt),
  };
}
