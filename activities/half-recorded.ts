/**
 * An attempt is written before its delivery. A process that was killed between the two has posted, and says so: the
 * delivery is brought up to what is on record, and the receiver does not get the request again.
 */
import type { Attempt, Delivery, Endpoint } from "../core/model.js";
import { advance } from "./advance.js";
import type { ActivityPorts } from "./ports.js";

/** The delivery with all its recorded attempts counted; `attempts` are its latest, oldest first. */
export async function countRecorded(
  ports: ActivityPorts,
  subject: { delivery: Delivery; endpoint: Endpoint },
  attempts: readonly Attempt[],
): Promise<Delivery> {
  const { endpoint } = subject;
  let { delivery } = subject;
  for (const attempt of attempts) {
    if (attempt.number !== delivery.attemptCount + 1) continue;
    const nowMs = attempt.startedAt.getTime() + attempt.durationMs;
    const result = { ...attempt, retryAfter: null };
    delivery = advance({ endpoint, delivery }, { result, nowMs, trigger: attempt.trigger, random: ports.random() });
    await ports.recorder.write({ attempt, delivery });
  }
  return delivery;
}
