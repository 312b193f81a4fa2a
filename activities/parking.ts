/**
 * Deliveries that wait for their endpoint's circuit breaker without a workflow: the sweep gives what is due to lanes, many
 * together. One lane for each, with a timer, would cost more than all deliveries that succeed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "../core/model.js";
import { BREAKER_OPEN } from "./plan-deliveries.js";
import type { ActivityPorts } from "./ports.js";

/** Writing what waits keeps the store busy: so many at once, and others have their turn before the next. */
const AT_ONCE_MAX = 25;
export const APART_MS = 8;

/**
 * Until when deliveries to the endpoint are parked; `null`: its breaker lets requests through, or a probe is on its way and
 * says more soon. What has a place in an order is not parked: its lane keeps the place.
 */
export function parksUntil({ watch }: ActivityPorts, endpoint: Endpoint): Date | null {
  if (!parkable(endpoint)) return null;
  const gate = watch.gate(endpoint);
  return gate.kind === "open" && gate.probedMs === null ? new Date(gate.untilMs) : null;
}

/** What has a place in an order is not, and what is held has nobody to wait for. */
export function parkable({ status, rateLimit, profile }: Endpoint): boolean {
  return status === "active" && rateLimit === null && profile !== "metriport";
}

/** Those of `owner` that are open: they wait until then, and nobody owns them. */
export async function park(
  { deliveries }: ActivityPorts,
  ids: readonly string[],
  { owner, until }: { owner: string | null; until: Date },
): Promise<void> {
  for (let from = 0; from < ids.length; from += AT_ONCE_MAX) {
    if (from > 0) await sleep(APART_MS);
    const portion = ids.slice(from, from + AT_ONCE_MAX);
    await deliveries.park(portion, owner, { reason: BREAKER_OPEN, nextAttemptAt: until });
  }
}
