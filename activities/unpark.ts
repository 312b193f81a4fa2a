/**
 * Gives what waits without a workflow to lanes, as much as its endpoint's circuit breaker lets through: one delivery as the
 * probe, and all of them when the breaker has closed. A lane for everything at each probe that fails would cost more than
 * all deliveries that succeed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "../core/model.js";
import type { Lane } from "../core/workflow-contract.js";
import { giveToLanes } from "./hand-over.js";
import { parkable, parksUntil } from "./parking.js";
import type { ActivityPorts } from "./ports.js";

/** Looked at in one call; the others in the next. */
const ENDPOINTS_MAX = 1_000;
/** Deliveries that get a lane in one call, and those of one endpoint: the others get theirs a moment later. */
const GIVEN_MAX = 10_000;
const OF_ENDPOINT_MAX = 1_000;
const REST_MS = 1_000;
/** Putting off the thousands of one endpoint keeps the store busy: others have their turn before the next. */
const APART_MS = 50;

export async function unpark(ports: ActivityPorts, lanes: Map<string, Lane>): Promise<void> {
  const now = new Date(ports.clock.now());
  let left = GIVEN_MAX;
  let isMore = false;
  for (const endpointId of await ports.deliveries.ownerlessEndpoints(now, ENDPOINTS_MAX)) {
    const endpoint = await ports.endpoints.findById(endpointId);
    const until = endpoint === null ? null : parksUntil(ports, endpoint);
    if (until !== null) {
      await ports.deliveries.postpone(endpointId, until);
      await sleep(APART_MS);
      continue;
    }
    const share = shareOf(ports, endpoint);
    if (share === 0) continue;
    const max = Math.min(share, left);
    const due = await ports.deliveries.ownerless(endpointId, now, max);
    await giveToLanes(ports, due, lanes);
    left -= due.length;
    isMore ||= share > 1 && due.length === max;
    if (left <= 0) break;
  }
  if (isMore) ports.wakes.at(new Date(now.getTime() + REST_MS));
}

/** How many deliveries may go now, where the breaker is not open, or a probe says more soon. */
function shareOf({ watch }: ActivityPorts, endpoint: Endpoint | null): number {
  // Its lane sees to what becomes of deliveries without an endpoint.
  if (endpoint === null || !parkable(endpoint)) return OF_ENDPOINT_MAX;
  return { closed: OF_ENDPOINT_MAX, "half-open": 1, open: 0 }[watch.gate(endpoint).kind];
}
