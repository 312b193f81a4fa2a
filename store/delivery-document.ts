/** How a delivery is written down. */
import type { Delivery, DeliveryStatus } from "../core/model.js";
import { FINAL_STATUSES, needsOwner, OPEN_STATUSES } from "../core/delivery-state.js";
import type { OutcomeClass } from "../core/outcome.js";
import type { OverdueDelivery } from "../core/store-ports.js";
import { Fields } from "./decode.js";
import type { StoredDocument } from "./decode.js";

export const EVERY_STATUS: readonly DeliveryStatus[] = [...OPEN_STATUSES, ...FINAL_STATUSES];

/** About what the document takes on the wire. */
export const DELIVERY_BYTES = 768;

/** `waiting` repeats what follows from the status, because a partial index had better have one plain condition. */
export function encodeDelivery({ id, ...rest }: Delivery): StoredDocument {
  const { status, nextAttemptAt, updatedAt } = rest;
  return { _id: id, ...rest, ...waitOf(status, nextAttemptAt, updatedAt) };
}

/** What waits is due at some time, or the sweep would not find it: without one from `since` on. */
export function waitOf(
  status: DeliveryStatus,
  nextAttemptAt: Date | null,
  since: Date,
): { waiting: boolean; nextAttemptAt: Date | null } {
  const waiting = needsOwner(status);
  return { waiting, nextAttemptAt: waiting ? (nextAttemptAt ?? since) : nextAttemptAt };
}

export function decodeDelivery(document: StoredDocument): Delivery {
  const fields = new Fields("deliveries", document);
  return {
    id: fields.text("_id"),
    applicationId: fields.text("applicationId"),
    eventId: fields.text("eventId"),
    endpointId: fields.text("endpointId"),
    eventType: fields.text("eventType"),
    status: fields.oneOf("status", EVERY_STATUS),
    attemptCount: fields.number("attemptCount"),
    scheduledAttemptCount: fields.number("scheduledAttemptCount"),
    nextAttemptAt: fields.timeOrNull("nextAttemptAt"),
    lastAttemptAt: fields.timeOrNull("lastAttemptAt"),
    lastOutcome: outcomeOrNull(fields, "lastOutcome"),
    lastStatusCode: fields.numberOrNull("lastStatusCode"),
    workflowId: fields.textOrNull("workflowId"),
    reason: fields.textOrNull("reason"),
    test: fields.flag("test"),
    createdAt: fields.time("createdAt"),
    updatedAt: fields.time("updatedAt"),
  };
}

/** Of a document that has been read for that alone. */
export function decodeOverdue(document: StoredDocument): OverdueDelivery {
  const fields = new Fields("deliveries", document);
  return {
    id: fields.text("_id"),
    workflowId: fields.textOrNull("workflowId"),
    nextAttemptAt: fields.time("nextAttemptAt"),
  };
}

export function decodeStatus(text: unknown): DeliveryStatus {
  return new Fields("deliveries", { _id: text }).oneOf("_id", EVERY_STATUS);
}

/** The classes form an open set (`http.<any status>`), which later versions may enlarge: any text is read as one. */
export function outcomeOf(fields: Fields, field: string): OutcomeClass {
  return fields.text(field) as OutcomeClass;
}

function outcomeOrNull(fields: Fields, field: string): OutcomeClass | null {
  return fields.isNull(field) ? null : outcomeOf(fields, field);
}
