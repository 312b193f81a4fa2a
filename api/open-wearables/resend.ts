/** Sending a message to an endpoint once more, which the original's page promises and its API does not have. */
import { isPosthornError, PosthornError } from "../../core/errors.js";
import { deliveryIdOf } from "../../core/ids.js";
import type { ApiCaller } from "../caller.js";
import { expectedError } from "../error-answer.js";
import { notFound } from "../not-found.js";
import type { DeliveryDetailAnswer } from "../schemas/delivery.js";
import { answerAttempt } from "./attempt-shape.js";
import { REFERENCE_CHARS_MAX, shownEndpoint } from "./endpoint-shape.js";
import { answerMessage } from "./messages.js";
import { ok } from "./route.js";
import type { Call, Reply, Route } from "./route.js";

/** Callers of this API know no deliveries. */
const NEVER_SENT = "This message was not sent to this endpoint, so it cannot be sent to it again.";

export const resendRoute: Route = {
  method: "post",
  path: "/webhooks/messages/:message/endpoints/:id/resend",
  handle: resend,
};

/** 200 with the attempt, or 202 if it was asked for and has not ended within the time that a request may wait. */
async function resend({ api, part }: Call): Promise<Reply> {
  const endpoint = await shownEndpoint(api, part("id"));
  const event = await messageOf(api, part("message"));
  const delivery = await attemptOnce(api, deliveryIdOf(event.id, endpoint.id));
  const made = delivery?.attempts.findLast((attempt) => attempt.trigger === "manual");
  if (made === undefined) return { status: 202, body: { detail: "The attempt was asked for but has not ended yet." } };
  return ok(answerAttempt(made, answerMessage(event, event.payload)));
}

async function messageOf(api: ApiCaller, reference: string) {
  if (reference.length > REFERENCE_CHARS_MAX) throw notFound("event", `${reference.slice(0, REFERENCE_CHARS_MAX)}…`);
  return api.events.get({ id: reference });
}

/**
 * The delivery after the attempt; `null` if the attempt is still on its way.
 *
 * @throws `not_found` for an endpoint that the message did not go to
 */
async function attemptOnce(api: ApiCaller, deliveryId: string): Promise<DeliveryDetailAnswer | null> {
  try {
    return await api.deliveries.resend({ id: deliveryId });
  } catch (error) {
    const expected = expectedError(error);
    if (isPosthornError(expected) && expected.code === "attempt_in_flight") return null;
    if (isPosthornError(expected) && expected.code === "not_found") {
      throw new PosthornError("not_found", NEVER_SENT, [], { cause: error });
    }
    throw error;
  }
}
