/** First attempts that nobody has begun, as far as this process knows. */
import type { Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import { performAttempt } from "./perform-attempt.js";
import type { ActivityPorts } from "./ports.js";

/** A first attempt begins within this or not at all, and is on record this long after its timeout. */
const BEGIN_MS = 3_000;
const RECORD_MS = 3_000;

export interface Candidate {
  event: WebhookEvent;
  endpoint: Endpoint;
  delivery: Delivery;
  /** Another process, which may be gone, had the time to make the attempt. */
  isLate: boolean;
}

export interface BegunAttempt {
  delivery: Delivery;
  /** When it is certain that the attempt is over. */
  settledByMs: number;
  /** As recorded, or `null`: left to the retry lane, which reads what is on record before it posts. */
  settled: Promise<Delivery | null>;
}

/** Begins what can be begun. Rejects if the store is down. */
export async function beginAttempts(ports: ActivityPorts, candidates: readonly Candidate[]): Promise<BegunAttempt[]> {
  const late = candidates.filter((it) => it.isLate).map((it) => it.delivery.id);
  const recorded = late.length === 0 ? [] : await ports.attempts.ofDeliveries(late);
  const made = new Set(recorded.map((it) => it.deliveryId));
  return candidates.map((it) => {
    const nowMs = ports.clock.now();
    const begins = !made.has(it.delivery.id) && !ports.slots.isCrowded(it.endpoint.id);
    return {
      delivery: it.delivery,
      settledByMs: nowMs + BEGIN_MS + it.endpoint.timeoutMs + RECORD_MS,
      settled: begins ? attemptFirst(ports, it, nowMs + BEGIN_MS) : Promise.resolve(null),
    };
  });
}

/** The first attempt, if it can begin in time: the delivery as recorded, or `null` if nothing was recorded here. */
export async function attemptFirst(
  ports: ActivityPorts,
  { event, endpoint, delivery }: Pick<Candidate, "event" | "endpoint" | "delivery">,
  beginByMs: number,
): Promise<Delivery | null> {
  try {
    const stillWanted = (): boolean => ports.clock.now() < beginByMs;
    const after = await performAttempt(ports, { event, endpoint, delivery, commandId: null, stillWanted });
    return after.attemptCount > 0 ? after : null;
  } catch (error) {
    ports.log.error({ deliveryId: delivery.id }, "attempt.not_recorded", error);
    return null;
  }
}
