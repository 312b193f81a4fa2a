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

/** A first attempt of this process, or that there is none. */
export interface FirstTry {
  /** As recorded, or `null`: left to the retry lane, which reads what is on record before it posts. */
  settled: Promise<Delivery | null>;
  /** When it is certain that the request is over and on record; `null`: it has not begun. */
  settledByMs: () => number | null;
  /** Keeps the request from beginning. `false`: it has begun. */
  withdraw: () => boolean;
}

export const NO_TRY: FirstTry = {
  settled: Promise.resolve(null),
  settledByMs: () => null,
  withdraw: () => true,
};

/** Begins what can be begun. Rejects if the store is down. */
export async function beginAttempts(
  ports: ActivityPorts,
  candidates: readonly Candidate[],
): Promise<{ delivery: Delivery; attempt: FirstTry }[]> {
  const late = candidates.filter((it) => it.isLate).map((it) => it.delivery.id);
  const recorded = late.length === 0 ? [] : await ports.attempts.ofDeliveries(late);
  const made = new Set(recorded.map((it) => it.deliveryId));
  return candidates.map((it) => {
    const begins = !made.has(it.delivery.id) && !ports.slots.hasLongQueue(it.endpoint.id);
    return {
      delivery: it.delivery,
      attempt: begins ? attemptFirst(ports, it, ports.clock.now() + BEGIN_MS) : NO_TRY,
    };
  });
}

/** The first attempt, unless its request cannot begin in time. */
export function attemptFirst(
  ports: ActivityPorts,
  { event, endpoint, delivery }: Pick<Candidate, "event" | "endpoint" | "delivery">,
  beginByMs: number,
): FirstTry {
  const overAtMs = (): number => ports.clock.now() + endpoint.timeoutMs + RECORD_MS;
  // A call before this one, which has failed, may have begun it.
  let settledByMs = ports.recorder.isKnown(delivery.id, delivery.attemptCount + 1) ? overAtMs() : null;
  let isWithdrawn = false;
  const attempt = async (): Promise<Delivery | null> => {
    try {
      const stillWanted = (): boolean => !isWithdrawn && ports.clock.now() < beginByMs;
      const begins = (): void => {
        settledByMs = overAtMs();
      };
      const plan = { event, endpoint, delivery, commandId: null, stillWanted, begins };
      const after = await performAttempt(ports, plan);
      return after.attemptCount > 0 ? after : null;
    } catch (error) {
      ports.log.error({ deliveryId: delivery.id }, "attempt.not_recorded", error);
      return null;
    }
  };
  return {
    settled: attempt(),
    settledByMs: () => settledByMs,
    withdraw: () => {
      isWithdrawn ||= settledByMs === null;
      return isWithdrawn;
    },
  };
}
