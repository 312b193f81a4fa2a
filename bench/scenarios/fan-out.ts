/** One event for many endpoints of a customer. */
import { nowMs } from "../clock.js";
import { drive } from "./drive.js";
import { PAYLOAD } from "./payload.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";
import { waitFor } from "../wait.js";

const TOPIC = "workout.created";
const ENDPOINTS_AT_ONCE = 16;
const RECORDED_MS_MAX = 60_000;

function fanOut(endpoints: number, events: number): Scenario {
  return {
    name: `fan-out-${endpoints}`,
    title: `${events} events to ${endpoints} endpoints each`,
    needs: ["lists"],
    run: async (bench, findings) => {
      const count = sized(bench, { full: events, quick: Math.max(3, events / 10), tiny: 2 });
      const width = sized(bench, { full: endpoints, quick: endpoints, tiny: 5 });
      await bench.withTarget({}, async (target) => {
        const { receiver } = bench;
        const prefix = receiver.newPrefix();
        const paths = Array.from({ length: width }, (_, at) => `${prefix}${at}`);
        const tenant = await target.createTenant();
        for (let at = 0; at < width; at += ENDPOINTS_AT_ONCE) {
          const some = paths.slice(at, at + ENDPOINTS_AT_ONCE).map((path) => receiver.urlOf(path));
          await Promise.all(some.map((url) => tenant.createEndpoint({ url, topic: null, retrySeconds: null })));
        }
        const lanes = [{ plan: tenant.plan(TOPIC, PAYLOAD, 1), paths, mustArrive: true }];
        const pace = { kind: "closed", requests: count, concurrency: 16 } as const;
        const driven = await drive(bench, target, { lanes, prefix, pace });
        findings.addDrive(driven);
        const { expected } = driven.tally;
        let recorded = 0;
        await waitFor(
          async () => {
            recorded = await tenant.countDelivered(expected);
            return recorded >= expected;
          },
          { timeoutMs: RECORDED_MS_MAX, everyMs: 1_000 },
        );
        findings.add("on record as delivered", recorded, `of ${expected}`);
        findings.add("on record after", nowMs() - driven.startedAtMs, "ms");
        if (recorded < expected)
          findings.notes.push(`${expected - recorded} deliveries are not on record as delivered`);
        await receiver.forget(prefix);
        await tenant.delete();
      });
    },
  };
}

export const fanOuts: readonly Scenario[] = [fanOut(10, 1_000), fanOut(1_000, 10)];
