/** Few events: what one of them takes. */
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
      await bench.withTarget({}, (target) =>
        driveNew(bench, target, findings, { pace: { kind: "open", ratePerSecond, seconds } }),
      );
    },
  };
}

export const lightLoads: readonly Scenario[] = [light(10), light(100)];
