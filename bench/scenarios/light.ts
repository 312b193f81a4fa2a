/** Few events: what one of them takes. */
import type { Target } from "../adapters/adapter.js";
import { measureDirectAt } from "./direct.js";
import { driveNew, driveOnce } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Bench, Scenario } from "./scenario.js";

const SETTLE_PER_SECOND = 100;

/**
 * What a service at ten a second has done after five minutes. A burst makes everybody's code quick but that of a lone event,
 * and the first thousand of these take a fifth longer than all that come later.
 */
async function settleIn(bench: Bench, target: Target): Promise<void> {
  const seconds = sized(bench, { full: 30, quick: 10, tiny: 0.1 });
  await driveOnce(bench, target, { pace: { kind: "open", ratePerSecond: SETTLE_PER_SECOND, seconds } });
}

function light(ratePerSecond: number): Scenario {
  return {
    name: `light-${ratePerSecond}`,
    title: `${ratePerSecond} events a second`,
    needs: [],
    run: async (bench, findings) => {
      const seconds = sized(bench, { full: 30, quick: 10, tiny: 1 });
      const pace = { kind: "open", ratePerSecond, seconds } as const;
      await bench.withTarget({}, async (target) => {
        await settleIn(bench, target);
        const { lateMs } = await driveNew(bench, target, findings, { pace });
        findings.addLatency("of both, the load process's own delay:", lateMs);
        const { p50Ms, p99Ms } = await measureDirectAt(bench, pace);
        findings.add("straight to the receiver at that rate: p50", p50Ms, "ms");
        findings.add("straight to the receiver at that rate: p99", p99Ms, "ms");
      });
    },
  };
}

export const lightLoads: readonly Scenario[] = [light(10), light(100)];
