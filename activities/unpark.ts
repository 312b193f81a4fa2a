/**
 * Gives what waits without a workflow to lanes when its endpoint's circuit breaker has closed, and has the probe made when the
 * breaker lets one request through. A lane for everything at each probe that fails would cost more than all deliveries that
 * succeed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery } from "../core/model.js";
import type { Lane } from "../core/workflow-contract.js";
import { APART_MS } from "./bites.js";
import { giveToLanes } from "./hand-over.js";
import { park, parkable, parksUntil } from "./parking.js";
import type { ActivityPorts } from "./ports.js";

/** Endpoints looked at in one call; the others in the next. */
const ENDPOINTS_MAX = 1_000;
/** Deliveries that get a lane in one call: the others get theirs a moment later. */
const GIVEN_MAX = 10_000;
/** Deliveries read at once, and how often in one call. */
const PAGE = 200;
const PAGES_MAX = 200;

export async function unpark(ports: ActivityPorts, lanes: Map<string, Lane>): Promise<void> {
  const now = new Date(ports.clock.now());
  /** Those whose deliveries stay due for now. */
  const seen: string[] = [];
  let left = GIVEN_MAX;
  let isMore = false;
  for (let pages = 0; left > 0 && seen.length < ENDPOINTS_MAX; pages += 1) {
    const page = await ports.deliveries.ownerlessDue(now, seen, PAGE);
    if (page.length === 0) break;
    if (pages === PAGES_MAX) {
      isMore = true;
      break;
    }
    for (const [endpointId, ids] of idsByEndpoint(page)) {
      const endpoint = await ports.endpoints.findById(endpointId);
      const until = endpoint === null ? null : parksUntil(ports, endpoint);
      if (until !== null) {
        await park(ports, ids, { owner: null, until });
        await sleep(APART_MS);
        continue;
      }
      seen.push(endpointId);
      if (endpoint !== null && parkable(endpoint) && ports.watch.gate(endpoint).kind !== "closed") {
        ports.probes.begin(endpointId);
        continue;
      }
      const max = Math.min(ports.lots.next(endpointId, ports.clock.now()), left);
      const due = await ports.deliveries.ownerless(endpointId, now, max);
      await giveToLanes(ports, due, lanes);
      left -= due.length;
      isMore ||= due.length === max;
      // A store that is asked for none answers all.
      if (left === 0) break;
    }
  }
  // In the next second, however long this has taken.
  if (isMore) ports.wakes.at(new Date(ports.clock.now()));
}

function idsByEndpoint(page: readonly Pick<Delivery, "id" | "endpointId">[]): Map<string, string[]> {
  const byEndpoint = new Map<string, string[]>();
  for (const { id, endpointId } of page) byEndpoint.set(endpointId, [...(byEndpoint.get(endpointId) ?? []), id]);
  return byEndpoint;
}
