/** Few events: what one of them takes. */
import { measureDirectAt } from "./direct.js";
import { driveNew } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";

function light(ratePerSecond: number): Scenario {
  return {
    name: `light-${ratePerSecond}`,
    title: `${ratePerSecond} events a second`,
    needs: [],
    run: async (bench, findings) => {
      const seconds = sized(bench, { full: 30, quick: 10, tiny: 1 });
      const pace = { kind: "open", ratePerSecond, seconds } as const;
      await bench.withTarget({}, async (target) => {
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
