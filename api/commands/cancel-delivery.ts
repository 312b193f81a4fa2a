/** Ends a delivery that has not ended yet. */
import { isFinal } from "../../core/delivery-state.js";
import { PosthornError } from "../../core/errors.js";
import { LIMITS } from "../../core/limits.js";
import type { Delivery } from "../../core/model.js";
import type { ApiContext } from "../context.js";
import { settleLimitMs } from "./settle-limit.js";
import { waitFor } from "./wait-for.js";

/**
 * Asks the workflow to cancel and waits for what became of the delivery: an attempt in flight is settled first.
 *
 * @throws `delivery_final` in words if it had ended or ended meanwhile, `attempt_in_flight`, `engine_unavailable`
 */
export async function cancelDelivery(
  context: ApiContext,
  delivery: Delivery,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isFinal(delivery.status)) throw alreadyEnded(delivery);
  const { stores, engine, ids } = context.services;
  const endpoint = await stores.endpoints.find(delivery.applicationId, delivery.endpointId);
  await engine.cancelDelivery(delivery, ids.next("operation"), "cancelled on request");
  const ended = await waitFor(
    async () => {
      const now = await stores.deliveries.find(delivery.applicationId, delivery.id);
      return now !== null && isFinal(now.status) ? now : null;
    },
    settleLimitMs(endpoint?.timeoutMs ?? LIMITS.timeoutMsDefault, context.settleMsMax),
    signal,
  );
  if (ended === null) {
    throw new PosthornError(
      "attempt_in_flight",
      "An attempt is still on its way; the delivery is cancelled when it has failed. Get it again in a moment.",
    );
  }
  if (ended.status !== "cancelled") throw endedMeanwhile(ended);
}

function alreadyEnded(delivery: Delivery): PosthornError {
  const because = delivery.reason === null ? "" : ` (${delivery.reason})`;
  return new PosthornError("delivery_final", `The delivery is already ${delivery.status}${because}.`);
}

function endedMeanwhile(delivery: Delivery): PosthornError {
  const how = delivery.status === "delivered" ? "was delivered" : "failed for good";
  return new PosthornError(
    "delivery_final",
    `An attempt was on its way: the delivery ${how} before it could be cancelled.`,
  );
}
