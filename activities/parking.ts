/**
 * Deliveries that wait for their endpoint's circuit breaker without a workflow: the sweep gives what is due to lanes, many
 * together. One lane for each, with a timer, would cost more than all deliveries that succeed.
 */
import type { Endpoint } from "../core/model.js";
import { inBites } from "./bites.js";
import { BREAKER_OPEN } from "./plan-deliveries.js";
import type { ActivityPorts } from "./ports.js";

const PARKED_AT_ONCE_MAX = 25;

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
  await inBites(ids, {
    itemsMax: PARKED_AT_ONCE_MAX,
    write: (bite) => deliveries.park(bite, owner, { reason: BREAKER_OPEN, nextAttemptAt: until }),
  });
}
