/** What a scenario is, and what it gets to work with. */
import type { Capability, Target } from "../adapters/adapter.js";
import type { Load } from "../load/load.js";
import type { Receiver } from "../receiver/receiver.js";
import type { Findings } from "../report/findings.js";

/** `quick`: enough to see whether something works. `tiny`: enough to see whether the benchmark works. */
export const SIZES = ["full", "quick", "tiny"] as const;
export type Size = (typeof SIZES)[number];

export interface Bench {
  size: Size;
  load: Load;
  receiver: Receiver;
  /**
   * Runs `work` on a product that was started for it, with fresh data and these settings on top of the run's, and is warm.
   * It is ended afterwards. `isSplit`: see the capability `split`; not if absent.
   */
  withTarget<T>(
    settings: Readonly<Record<string, string>>,
    work: (target: Target) => Promise<T>,
    how?: { isSplit: boolean },
  ): Promise<T>;
  /** Requests a second that the receiver takes from the load process with nothing in between; measured once a run. */
  directRate(concurrency: number): Promise<number>;
}

export interface Scenario {
  name: string;
  /** What it is about, in a few words. */
  title: string;
  needs: readonly Capability[];
  run(bench: Bench, findings: Findings): Promise<void>;
}

/** The value for the size of the run; `tiny` runs prove nothing and are the same everywhere. */
export function sized<T>(bench: Bench, values: Readonly<Record<Size, T>>): T {
  return values[bench.size];
}
