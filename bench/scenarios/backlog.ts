/** A pause with much published meanwhile: how fast the held events go out on resume. */
import { nowMs } from "../clock.js";
import { perSecond } from "../report/findings.js";
import { driveOne, oneEndpoint } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";

const HELD_MS_MAX = 300_000;

export const backlog: Scenario = {
  name: "backlog",
  title: "50,000 events held by a pause, then resumed",
  needs: ["batch", "pause"],
  run: async (bench, findings) => {
    const requests = sized(bench, { full: 500, quick: 50, tiny: 1 });
    await bench.withTarget({}, async (target) => {
      const { receiver } = bench;
      const one = await oneEndpoint(bench, target);
      await one.tenant.pause(one.endpointId);
      let resumedAtMs = 0;
      const driven = await driveOne(bench, target, one, {
        pace: { kind: "closed", requests, concurrency: 8 },
        eventsPerRequest: 100,
        drainMs: 600_000,
        afterLoad: async () => {
          if ((await target.settled(HELD_MS_MAX)) === false) findings.notes.push("not all were held before the resume");
          const early = (await receiver.counts(one.prefix)).delivered;
          if (early > 0) findings.notes.push(`${early} were delivered in spite of the pause`);
          resumedAtMs = nowMs();
          await one.tenant.resume(one.endpointId);
        },
      });
      findings.count(driven);
      findings.addCpu(driven);
      const recoveredMs = driven.lastArrivalMs - resumedAtMs;
      findings.add("accepted", perSecond(driven.acceptedEvents, driven.lastAcceptedMs - driven.startedAtMs), "/s");
      findings.add("all held after", resumedAtMs - driven.startedAtMs, "ms");
      findings.add("all delivered after the resume", recoveredMs, "ms");
      findings.add(
        "delivered after the resume",
        perSecond(driven.tally.expected - driven.tally.missing, recoveredMs),
        "/s",
      );
      await receiver.forget(one.prefix);
      await one.tenant.delete();
    });
  },
};
