/** The first hundreds of events are slower: code is compiled and connections are opened. They are not what is measured. */
import type { Target } from "./adapters/adapter.js";
import { driveOnce } from "./scenarios/one-endpoint.js";
import type { Bench } from "./scenarios/scenario.js";

const EVENTS = { full: 1_000, quick: 500, tiny: 20 };

/** @throws Error if not all of them arrive: there is nothing to measure then */
export async function warmUp(bench: Bench, target: Target): Promise<void> {
  const pace = { kind: "closed", requests: EVENTS[bench.size], concurrency: 32 } as const;
  const { tally, refusals } = await driveOnce(bench, target, { pace, drainMs: 60_000 });
  if (tally.missing === 0 && Object.keys(refusals).length === 0) return;
  throw new Error(
    `warm-up: ${tally.missing} of ${tally.expected} did not arrive, refused: ${JSON.stringify(refusals)}`,
  );
}
