import type { DeliveryStatus, EventSummary, WebhookEvent } from "../../core/model.js";
import { isJsonObject } from "../json-object.js";
import type { JsonObject } from "../json-object.js";
import type { EventAnswer, EventSummaryAnswer } from "../schemas/event.js";
import { isoTime, isoTimeOrNull } from "./time.js";

type Described = Omit<EventSummary, "payloadBytes">;

export function answerEventSummary(event: EventSummary): EventSummaryAnswer {
  return { ...describe(event), payloadBytes: event.payloadBytes };
}

/** With the payload: as JSON where it is an object, else as base64. */
export function answerEvent(event: WebhookEvent, counts: Partial<Record<DeliveryStatus, number>>): EventAnswer {
  const payload = jsonPayload(event);
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

function jsonPayload(event: WebhookEvent): JsonObject | null {
  if (event.contentType !== "application/json") return null;
  try {
    // Raw bytes may call themselves JSON; fatal: bytes that are no UTF-8 are shown as they are.
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(event.payload));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
