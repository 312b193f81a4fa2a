/**
 * Gives what waits without a workflow to lanes, as much as its endpoint's circuit breaker lets through: one delivery as the
 * probe, and all of them when the breaker has closed. A lane for everything at each probe that fails would cost more than
 * all deliveries that succeed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "../core/workflow-contract.js";
import { giveToLanes } from "./hand-over.js";
import { parkable } from "./parking.js";
import type { ActivityPorts } from "./ports.js";

/** Looked at in one call; the others in the next. */
const ENDPOINTS_MAX = 1_000;
/** Deliveries that get a lane in one call, and those of one endpoint: the others get theirs a moment later. */
const GIVEN_MAX = 10_000;
const OF_ENDPOINT_MAX = 1_000;
const REST_MS = 1_000;
/** Putting off the thousands of one endpoint keeps the store busy: others have their turn before the next. */
const APART_MS = 50;

type Share = { kind: "all" } | { kind: "one" } | { kind: "none" } | { kind: "until"; at: Date };

export async function unpark(ports: ActivityPorts, lanes: Map<string, Lane>): Promise<void> {
  const now = new Date(ports.clock.now());
  let left = GIVEN_MAX;
  let isMore = false;
  for (const endpointId of await ports.deliveries.ownerlessEndpoints(now, ENDPOINTS_MAX)) {
    const share = await shareOf(ports, endpointId);
    if (share.kind === "until") {
      await ports.deliveries.postpone(endpointId, share.at);
      await sleep(APART_MS);
    }
    if (share.kind !== "all" && share.kind !== "one") continue;
    const max = share.kind === "one" ? 1 : Math.min(OF_ENDPOINT_MAX, left);
    const due = await ports.deliveries.ownerless(endpointId, now, max);
    await giveToLanes(ports, due, lanes);
    left -= due.length;
    isMore ||= share.kind === "all" && due.length === max;
    if (left <= 0) break;
  }
  if (isMore) ports.wakes.at(new Date(now.getTime() + REST_MS));
}

async function shareOf(ports: ActivityPorts, endpointId: string): Promise<Share> {
  const endpoint = await ports.endpoints.findById(endpointId);
  // Its lane sees to what becomes of deliveries without an endpoint.
  if (endpoint === null || !parkable(endpoint)) return { kind: "all" };
  const gate = ports.watch.gate(endpoint);
  if (gate.kind === "closed") return { kind: "all" };
  if (gate.kind === "half-open") return { kind: "one" };
  return gate.probedMs === null ? { kind: "until", at: new Date(gate.untilMs) } : { kind: "none" };
}
