/** One more attempt of a delivery, now. */
import { PosthornError } from "../../core/errors.js";
import type { Attempt, Delivery } from "../../core/model.js";
import type { ApiContext } from "../context.js";
import { settleLimitMs } from "./settle-limit.js";
import { waitFor } from "./wait-for.js";

/** Enough to see the manual attempt among those that the schedule makes meanwhile. */
const ATTEMPTS_LOOKED_AT = 25;

/**
 * Asks the workflow for a manual attempt and waits until it is recorded.
 *
 * @throws `not_found` if the endpoint is gone, `endpoint_inactive`, `conflict` while the delivery is being released,
 *   `attempt_in_flight` if nothing was recorded in time, `engine_unavailable`
 */
export async function resendDelivery(
  context: ApiContext,
  delivery: Delivery,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { stores, engine, ids } = context.services;
  const endpoint = await stores.endpoints.find(delivery.applicationId, delivery.endpointId);
  if (endpoint === null) {
    throw new PosthornError(
      "not_found",
      `The endpoint ${delivery.endpointId} was deleted; there is nowhere to send to.`,
    );
  }
  if (endpoint.status !== "active") {
    throw new PosthornError("endpoint_inactive", `The endpoint is ${endpoint.status}; resume or enable it first.`);
  }
  if (delivery.status === "held") {
    throw new PosthornError(
      "conflict",
      "The delivery was held and is being released now; it is sent without a resend.",
    );
  }
  const commandId = ids.next("operation");
  await engine.resend(delivery, commandId);
  const made = await waitFor(
    async () => {
      const attempt = manualAttempt(await stores.attempts.ofDelivery(delivery.id, ATTEMPTS_LOOKED_AT), commandId);
      if (attempt === null) return null;
      // The attempt is written first: what is answered is the delivery that knows of it.
      const now = await stores.deliveries.find(delivery.applicationId, delivery.id);
      return now === null || now.attemptCount >= attempt.number ? attempt : null;
    },
    settleLimitMs(endpoint.timeoutMs, context.settleMsMax),
    signal,
  );
  if (made === null) {
    throw new PosthornError(
      "attempt_in_flight",
      "The attempt was asked for but has not ended yet; get the delivery again in a moment.",
    );
  }
}

function manualAttempt(attempts: readonly Attempt[], commandId: string): Attempt | null {
  return attempts.find((attempt) => attempt.commandId === commandId) ?? null;
}
