/** Many events at once: how fast they are accepted, and when the last has arrived. */
import { deliveredPerSecond } from "../report/findings.js";
import { driveNew } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";

function burst(thousands: number, concurrency: number): Scenario {
  return {
    name: `burst-${thousands}k-${concurrency}`,
    title: `${thousands},000 events, ${concurrency} requests at a time`,
    needs: [],
    run: async (bench, findings) => {
      const requests = sized(bench, { full: thousands * 1_000, quick: thousands * 200, tiny: thousands * 10 });
      await bench.withTarget({}, async (target) => {
        const driven = await driveNew(bench, target, findings, { pace: { kind: "closed", requests, concurrency } });
        const direct = await bench.directRate(concurrency);
        findings.addRatio("delivered, in terms of the receiver's own limit", deliveredPerSecond(driven), direct);
      });
    },
  };
}

/** A hundred events in a request. */
const batch: Scenario = {
  name: "batch-100",
  title: "requests of 100 events, 8 at a time",
  needs: ["batch"],
  run: async (bench, findings) => {
    const requests = sized(bench, { full: 200, quick: 30, tiny: 2 });
    await bench.withTarget({}, async (target) => {
      const pace = { kind: "closed", requests, concurrency: 8 } as const;
      const driven = await driveNew(bench, target, findings, { pace, eventsPerRequest: 100 });
      const direct = await bench.directRate(64);
      findings.addRatio("delivered, in terms of the receiver's own limit", deliveredPerSecond(driven), direct);
    });
  },
};

export const bursts: readonly Scenario[] = [burst(5, 64), burst(5, 128), burst(20, 64), burst(20, 128), batch];
