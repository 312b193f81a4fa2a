/** Waiting for what a workflow does, by looking: the store has the state, workflows have no queries. */
import { setTimeout as sleep } from "node:timers/promises";

const FIRST_PAUSE_MS = 15;
const PAUSE_MS_MAX = 250;

/**
 * Asks `look` until it answers something, at most for `limitMs`; `null` if it never did. Ends early when the caller
 * has gone.
 */
export async function waitFor<Found>(
  look: () => Promise<Found | null>,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Found | null> {
  const deadline = performance.now() + limitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, PAUSE_MS_MAX)) {
    const found = await look();
    const leftMs = deadline - performance.now();
    if (found !== null || leftMs <= 0 || signal?.aborted === true) return found;
    await sleep(Math.min(pauseMs, leftMs));
  }
}
