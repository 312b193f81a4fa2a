/**
 * Gives what waits without a workflow to lanes when its endpoint's circuit breaker has closed, and has the probe made when the
 * breaker lets one request through. A lane for everything at each probe that fails would cost more than all deliveries that
 * succeed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "../core/workflow-contract.js";
import { giveToLanes } from "./hand-over.js";
import { parkable, parksUntil } from "./parking.js";
import type { ActivityPorts } from "./ports.js";

/** Looked at in one call; the others in the next. */
const ENDPOINTS_MAX = 1_000;
/** Deliveries that get a lane in one call: the others get theirs a moment later. */
const GIVEN_MAX = 10_000;
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
    if (endpoint !== null && parkable(endpoint) && ports.watch.gate(endpoint).kind !== "closed") {
      ports.probes.begin(endpointId);
      continue;
    }
    const max = Math.min(ports.lots.next(endpointId, ports.clock.now()), left);
    const due = await ports.deliveries.ownerless(endpointId, now, max);
    await giveToLanes(ports, due, lanes);
    left -= due.length;
    isMore ||= due.length === max;
    if (left <= 0) break;
  }
  if (isMore) ports.wakes.at(new Date(now.getTime() + REST_MS));
}
