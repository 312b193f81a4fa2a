import { condition, defineSignal, setHandler } from "@temporalio/workflow";
import type { CancelEventCommand, DeliverLaterInput } from "../core/workflow-contract.js";
import { SIGNAL } from "../core/workflow-contract.js";
import { deliverEvents } from "./deliver-events.js";
import { remote } from "./proxies.js";

/** An event with `deliverAt`: waits, unless it is cancelled, then does the same as `deliverEvents`. */
export async function deliverLater(input: DeliverLaterInput): Promise<void> {
  const asked = { cancelled: false };
  setHandler(defineSignal<[CancelEventCommand]>(SIGNAL.cancel), () => {
    asked.cancelled = true;
  });
  // Usually the start delay has covered the wait; a signal or the sweep may begin the run earlier.
  const waitMs = input.deliverAtMs - Date.now();
  if (waitMs > 0 && !asked.cancelled) {
    const summary = `waits for deliverAt ${new Date(input.deliverAtMs).toISOString()}`;
    await condition(() => asked.cancelled, waitMs, { summary });
  }
  if (asked.cancelled) {
    const answer = await remote.cancelScheduled({ eventId: input.eventId });
    if (answer.cancelled) return;
  }
  await deliverEvents({ eventIds: [input.eventId] });
}
