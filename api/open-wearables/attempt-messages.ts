/** The messages that a page of attempts carries, payloads included. */
import type { Attempt, WebhookEvent } from "../../core/model.js";
import type { EventStore } from "../../core/store-ports.js";
import { answerAttempt as describe } from "../answers/attempt.js";
import { answerEvent } from "../answers/event.js";
import { answerAttempt } from "./attempt-shape.js";
import type { OpenWearablesAttempt } from "./attempt-shape.js";
import { answerMessage } from "./messages.js";

/** Payloads in one page: 250 attempts of the largest event would be more than a process has memory for. */
const PAYLOAD_BYTES_MAX = 16 * 1024 * 1024;
/** One read for a page of the default size. */
const EVENTS_AT_ONCE = 50;

/**
 * The attempts with their messages, in the order given, as many as their payloads leave room for; at least one of them.
 */
export async function withMessages(
  events: Pick<EventStore, "findByIds">,
  attempts: readonly Attempt[],
): Promise<OpenWearablesAttempt[]> {
  const eventOf = reader(events, [...new Set(attempts.map((attempt) => attempt.eventId))]);
  const shown: OpenWearablesAttempt[] = [];
  let payloadBytes = 0;
  for (const attempt of attempts) {
    const event = await eventOf(attempt);
    payloadBytes += event?.payload.byteLength ?? 0;
    if (payloadBytes > PAYLOAD_BYTES_MAX && shown.length > 0) break;
    shown.push(answerAttempt(describe(attempt), event && answer(event)));
  }
  return shown;
}

/** Reads ahead: attempts ask in the order in which their events first occur. */
function reader(
  events: Pick<EventStore, "findByIds">,
  eventIds: readonly string[],
): (attempt: Attempt) => Promise<WebhookEvent | null> {
  const found = new Map<string, WebhookEvent>();
  let readCount = 0;
  return async ({ applicationId, eventId }) => {
    if (eventIds.indexOf(eventId) >= readCount) {
      const ids = eventIds.slice(readCount, readCount + EVENTS_AT_ONCE);
      readCount += ids.length;
      for (const event of await events.findByIds(ids)) found.set(event.id, event);
    }
    const event = found.get(eventId);
    return event?.applicationId === applicationId ? event : null;
  };
}

function answer(event: WebhookEvent) {
  const described = answerEvent(event, {});
  return answerMessage(described, described.payload);
}
