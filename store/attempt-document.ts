/** How an attempt is written down. */
import type { Attempt, AttemptTrigger } from "../core/model.js";
import { remedyOf } from "../core/outcome-help.js";
import { Fields } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import { outcomeOf } from "./delivery-document.js";

const TRIGGERS: readonly AttemptTrigger[] = ["scheduled", "manual", "test"];

/** About what the document takes on the wire; a character may take three bytes. */
export function attemptBytes(attempt: Attempt): number {
  return 1_024 + 3 * ((attempt.responseBody?.length ?? 0) + attempt.url.length + (attempt.error?.length ?? 0));
}

export function encodeAttempt({ id, ...rest }: Attempt): StoredDocument {
  return { _id: id, ...rest };
}

export function decodeAttempt(document: StoredDocument): Attempt {
  const fields = new Fields("attempts", document);
  const outcome = outcomeOf(fields, "outcome");
  return {
    id: fields.text("_id"),
    applicationId: fields.text("applicationId"),
    deliveryId: fields.text("deliveryId"),
    eventId: fields.text("eventId"),
    endpointId: fields.text("endpointId"),
    eventType: fields.text("eventType"),
    number: fields.number("number"),
    trigger: fields.oneOf("trigger", TRIGGERS),
    url: fields.text("url"),
    startedAt: fields.time("startedAt"),
    durationMs: fields.number("durationMs"),
    statusCode: fields.numberOrNull("statusCode"),
    outcome,
    error: fields.textOrNull("error"),
    // Not on record of attempts from before it was stored.
    remedy: fields.textOrNull("remedy") ?? remedyOf(outcome),
    responseBody: fields.textOrNull("responseBody"),
    responseTruncated: fields.flag("responseTruncated"),
    commandId: fields.textOrNull("commandId"),
  };
}
