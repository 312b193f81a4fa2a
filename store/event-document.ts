/** How an event is written down. */
import { Binary } from "mongodb";
import type { EventState, EventSummary, HeadStart, PairRole, WebhookEvent } from "../core/model.js";
import type { Dispatchable } from "../core/store-ports.js";
import { Fields, pairsOf } from "./decode.js";
import type { StoredDocument } from "./decode.js";

const STATES: readonly EventState[] = ["accepted", "scheduled", "dispatched", "cancelled"];
const PAIR_ROLES: readonly PairRole[] = ["group", "granular"];

/** One key for the publisher's idempotency; application ids are of fixed length, so no two pairs make the same key. */
export function dedupeKeyOf(applicationId: string, eventId: string): string {
  return `${applicationId}/${eventId}`;
}

/** All fields from the start, the lease included: documents keep their shape when they are updated. */
export function encodeEvent(event: WebhookEvent): StoredDocument {
  const { id, metadata, payload, eventId, ...rest } = event;
  return {
    _id: id,
    ...rest,
    eventId,
    metadata: pairsOf(metadata),
    payload: new Binary(payload),
    payloadBytes: payload.byteLength,
    leaseOwner: null,
    leaseUntil: null,
    ...(eventId !== null && { dedupeKey: dedupeKeyOf(event.applicationId, eventId) }),
  };
}

export function decodeEvent(document: StoredDocument): WebhookEvent {
  const fields = new Fields("events", document);
  return {
    ...commonFields(fields),
    payload: fields.bytes("payload"),
    contentHash: fields.text("contentHash"),
    headStart: fields.isNull("headStart") ? null : decodeHeadStart(fields.inner("headStart")),
  };
}

export function decodeSummary(document: StoredDocument): EventSummary {
  const fields = new Fields("events", document);
  return { ...commonFields(fields), payloadBytes: fields.number("payloadBytes") };
}

/** The fields that {@link decodeDispatchable} reads. */
export const DISPATCHABLE_FIELDS = { _id: 1, applicationId: 1, eventType: 1, deliverAt: 1 } as const;

export function decodeDispatchable(document: StoredDocument): Dispatchable {
  const fields = new Fields("events", document);
  return {
    id: fields.text("_id"),
    applicationId: fields.text("applicationId"),
    eventType: fields.text("eventType"),
    deliverAt: fields.timeOrNull("deliverAt"),
  };
}

/** About what the document takes on the wire. */
export function eventBytes(event: WebhookEvent): number {
  return event.payload.byteLength + 1_024;
}

function commonFields(fields: Fields): Omit<EventSummary, "payloadBytes"> {
  return {
    id: fields.text("_id"),
    applicationId: fields.text("applicationId"),
    eventId: fields.textOrNull("eventId"),
    eventType: fields.text("eventType"),
    channels: fields.texts("channels"),
    metadata: fields.record("metadata"),
    contentType: fields.text("contentType"),
    endpointIds: fields.textsOrNull("endpointIds"),
    pairRole: fields.isNull("pairRole") ? null : fields.oneOf("pairRole", PAIR_ROLES),
    test: fields.flag("test"),
    deliverAt: fields.timeOrNull("deliverAt"),
    state: fields.oneOf("state", STATES),
    createdAt: fields.time("createdAt"),
  };
}

function decodeHeadStart(fields: Fields): HeadStart {
  return { processId: fields.text("processId"), until: fields.time("until") };
}
