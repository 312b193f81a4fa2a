/** Ten endpoints of one customer, one of them sick: what the other nine notice. */
import { summarize } from "../measure/percentile.js";
import { deliveredPerSecond } from "../report/findings.js";
import type { Findings } from "../report/findings.js";
import type { Behaviour } from "../receiver/recorder.js";
import { drive } from "./drive.js";
import type { Drive } from "./drive.js";
import { PAYLOAD } from "./payload.js";
import { sized } from "./scenario.js";
import type { Bench, Scenario } from "./scenario.js";

const ENDPOINTS = 10;
const RATE_PER_ENDPOINT = 50;

/** Fresh for each case: retries of the one before would be part of it. */
function oneCase(bench: Bench, findings: Findings, label: string, first: Behaviour): Promise<Drive> {
  return bench.withTarget({}, async (target) => {
    const { receiver } = bench;
    const prefix = receiver.newPrefix();
    const tenant = await target.createTenant();
    const lanes = await Promise.all(
      Array.from({ length: ENDPOINTS }, async (_, at) => {
        const path = `${prefix}${at}`;
        const topic = `record.kind_${at}`;
        await tenant.createEndpoint({ url: receiver.urlOf(path), topic, retrySeconds: null });
        return { plan: tenant.plan(topic, PAYLOAD, 1), paths: [path], mustArrive: at > 0 };
      }),
    );
    await receiver.behave([`${prefix}0`], first);
    const rate = sized(bench, { full: RATE_PER_ENDPOINT, quick: RATE_PER_ENDPOINT, tiny: 2 });
    const seconds = sized(bench, { full: 20, quick: 8, tiny: 1 });
    const pace = { kind: "open", ratePerSecond: rate * ENDPOINTS, seconds } as const;
    const driven = await drive(bench, target, { lanes, prefix, pace, settle: false });
    findings.count(driven);
    findings.addLatency(`${label}: nine, end to end`, driven.endToEndMs);
    findings.add(`${label}: nine, delivered`, deliveredPerSecond(driven), "/s");
    findings.addLatency(`${label}: accept`, driven.acceptMs);
    await receiver.forget(prefix);
    await tenant.delete();
    return driven;
  });
}

export const isolation: Scenario = {
  name: "isolation",
  title: `${ENDPOINTS} endpoints at ${RATE_PER_ENDPOINT}/s each, one of them hangs or fails`,
  needs: ["control"],
  run: async (bench, findings) => {
    const healthy = await oneCase(bench, findings, "all healthy", {});
    for (const [label, behaviour] of [
      ["one hangs", { hang: true }],
      ["one fails", { status: 500 }],
    ] as const) {
      const sick = await oneCase(bench, findings, label, behaviour);
      const p99 = (driven: Drive): number => summarize(driven.endToEndMs).p99;
      findings.addRatio(`${label}: p99 of the nine, to all healthy`, p99(sick), p99(healthy));
      findings.addRatio(
        `${label}: delivered to the nine, to all healthy`,
        deliveredPerSecond(sick),
        deliveredPerSecond(healthy),
      );
    }
  },
};
