/** A receiver that takes its time. */
import { driveOne, oneEndpoint } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";

const DELAY_MS = 500;

export const slowReceiver: Scenario = {
  name: "slow-receiver",
  title: `a receiver that answers after ${DELAY_MS} ms`,
  needs: [],
  run: async (bench, findings) => {
    const requests = sized(bench, { full: 2_000, quick: 500, tiny: 20 });
    await bench.withTarget({}, async (target) => {
      const one = await oneEndpoint(bench, target);
      await bench.receiver.behave([one.path], { delayMs: DELAY_MS });
      const driven = await driveOne(bench, target, one, { pace: { kind: "closed", requests, concurrency: 64 } });
      findings.addDrive(driven);
      await bench.receiver.forget(one.prefix);
      await one.tenant.delete();
    });
  },
};
