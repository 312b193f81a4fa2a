/** Ends everything of an event that has not ended yet. */
import { isFinal } from "../../core/delivery-state.js";
import { PosthornError } from "../../core/errors.js";
import type { Delivery, WebhookEvent } from "../../core/model.js";
import type { ApiContext } from "../context.js";
import { inParallel } from "./in-parallel.js";
import { waitFor } from "./wait-for.js";

const PARALLEL = 16;
/** How long an event that was just published may take to have deliveries. */
const DISPATCH_MS_MAX = 5_000;

/**
 * Cancels a scheduled event before it starts, or else every delivery that is not final, and waits for the result.
 *
 * @throws `delivery_final` if nothing was left to cancel, `attempt_in_flight`, `engine_unavailable`
 */
export async function cancelEvent(
  context: ApiContext,
  event: WebhookEvent,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { engine, ids, dispatcher } = context.services;
  if (event.state === "cancelled") return;
  // It may wait for company: its workflow begins now, and one that comes later finds its work done.
  if (event.state === "accepted") dispatcher.dispatch(event);
  if (event.state === "scheduled") await engine.cancelScheduled(event.id, ids.next("operation"));
  const limitMs = event.state === "scheduled" ? context.settleMsMax : Math.min(DISPATCH_MS_MAX, context.settleMsMax);
  const state = await waitFor(() => settledState(context, event), limitMs, signal);
  if (state === null) {
    throw new PosthornError("engine_unavailable", "The event has not been taken up yet; try again in a moment.");
  }
  if (state !== "cancelled") await cancelDeliveries(context, event, signal);
}

/** An event that is neither waiting for its time nor for a workflow. */
async function settledState(context: ApiContext, event: WebhookEvent): Promise<"dispatched" | "cancelled" | null> {
  const now = await context.services.stores.events.find(event.applicationId, event.id);
  return now?.state === "dispatched" || now?.state === "cancelled" ? now.state : null;
}

async function cancelDeliveries(
  context: ApiContext,
  event: WebhookEvent,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { stores, engine, ids } = context.services;
  const before = await stores.deliveries.ofEvents([event.id]);
  await inParallel(before.filter(isOpen), PARALLEL, (delivery) =>
    engine.cancelDelivery(delivery, ids.next("operation"), "the event was cancelled"),
  );
  const after = await waitFor(
    async () => {
      const now = await stores.deliveries.ofEvents([event.id]);
      return now.some(isOpen) ? null : now;
    },
    context.settleMsMax,
    signal,
  );
  if (after === null) {
    throw new PosthornError(
      "attempt_in_flight",
      "Attempts are still on their way; what fails is cancelled then. Get the event again in a moment.",
    );
  }
  if (!after.some((delivery) => delivery.status === "cancelled")) throw nothingLeft(after);
}

function isOpen(delivery: Delivery): boolean {
  return !isFinal(delivery.status);
}

function nothingLeft(deliveries: readonly Delivery[]): PosthornError {
  if (deliveries.length === 0) {
    return new PosthornError("delivery_final", "Nothing to cancel: the event matched no endpoint.");
  }
  const delivered = deliveries.filter((delivery) => delivery.status === "delivered").length;
  const failed = deliveries.length - delivered;
  const parts = [
    ...(delivered > 0 ? [`${delivered} already delivered`] : []),
    ...(failed > 0 ? [`${failed} already failed`] : []),
  ];
  return new PosthornError("delivery_final", `Nothing is left to cancel: ${parts.join(", ")}.`);
}
