import type { Dispatchable } from "./store-ports.js";

/** What a queue keeps of an event. Not the event itself: its payload would wait with it. */
export function dispatchableOf({ id, applicationId, eventType, deliverAt }: Dispatchable): Dispatchable {
  return { id, applicationId, eventType, deliverAt };
}
