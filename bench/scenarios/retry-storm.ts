/** An endpoint that fails for a minute while much is published: when is everything made up for, and with what effort. */
import { setTimeout as sleep } from "node:timers/promises";
import { nowMs } from "../clock.js";
import { perSecond } from "../report/findings.js";
import { driveOne, oneEndpoint } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";

/** Every 10 s, so that what is measured is the work and not the default schedule's waits of minutes and hours. */
const RETRY_SECONDS = Array.from({ length: 20 }, () => 10);

export const retryStorm: Scenario = {
  name: "retry-storm",
  title: "5,000 deliveries to an endpoint that fails for a minute, tried again every 10 s",
  needs: ["retrySchedule"],
  run: async (bench, findings) => {
    const requests = sized(bench, { full: 5_000, quick: 1_000, tiny: 20 });
    const failsMs = sized(bench, { full: 60_000, quick: 15_000, tiny: 500 });
    await bench.withTarget({}, async (target) => {
      const { receiver } = bench;
      const one = await oneEndpoint(bench, target, { retrySeconds: RETRY_SECONDS });
      await receiver.behave([one.path], { status: 500 });
      const healing = sleep(failsMs).then(async () => {
        await receiver.behave([one.path], {});
        return nowMs();
      });
      const [driven, healedAtMs] = await Promise.all([
        driveOne(bench, target, one, {
          pace: { kind: "closed", requests, concurrency: 64 },
          drainMs: failsMs + 180_000,
        }),
        healing,
      ]);
      findings.count(driven);
      findings.addCpu(driven);
      const recoveredMs = driven.lastArrivalMs - healedAtMs;
      findings.add("all recovered after the receiver's return", recoveredMs, "ms");
      findings.add("delivered since then", perSecond(driven.tally.expected - driven.tally.missing, recoveredMs), "/s");
      findings.add("failed attempts", (await receiver.counts(one.prefix)).failed, "");
      if (target.processes.length > 0) {
        findings.add("workflows for retries", await target.countWorkflows("deliverToEndpoint"), "");
        findings.add(
          "workflows for first attempts, warm-up included",
          await target.countWorkflows("deliverEvents"),
          "",
        );
      }
      await receiver.forget(one.prefix);
      await one.tenant.delete();
    });
  },
};
