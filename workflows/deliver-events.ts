import type { DeliverEventsInput } from "../core/workflow-contract.js";
import { startLanes } from "./lanes.js";
import { local } from "./proxies.js";

/**
 * First attempts of 1..200 events. Ends when every delivery is on record as final or belongs to a retry lane.
 * Six history events when all is delivered.
 */
export async function deliverEvents(input: DeliverEventsInput): Promise<void> {
  let eventIds = input.eventIds;
  while (eventIds.length > 0) {
    const { lanes, lanesAtOnce, rest } = await local.dispatchEvents({ eventIds });
    await startLanes(lanes, lanesAtOnce);
    eventIds = rest;
  }
}
