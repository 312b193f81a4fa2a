/** What the load process and the receiver can do with nothing in between: no product can be measured beyond that. */
import { summarize } from "../measure/percentile.js";
import type { LoadReport, PublishPlan } from "../load/job.js";
import { perSecond } from "../report/findings.js";
import type { Pace } from "./drive.js";
import { PAYLOAD } from "./payload.js";
import { sized } from "./scenario.js";
import type { Bench, Scenario } from "./scenario.js";

export interface Direct {
  ratePerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

type OpenPace = Extract<Pace, { kind: "open" }>;

/** Posts the payload straight to the receiver, after a warm-up. */
export async function measureDirect(
  bench: Pick<Bench, "load" | "receiver" | "size">,
  concurrency: number,
): Promise<Direct> {
  const { load, receiver, size } = bench;
  const prefix = receiver.newPrefix();
  const plan = planTo(receiver.localUrlOf(`${prefix}0`));
  const requests = { full: 20_000, quick: 10_000, tiny: 200 }[size];
  await load.run({ kind: "closed", plans: [plan], requests: Math.ceil(requests / 4), concurrency });
  const report = await load.run({ kind: "closed", plans: [plan], requests, concurrency });
  await receiver.forget(prefix);
  return directOf(report);
}

/** The same at a rate: what a request takes on this machine when it has been idle before. */
export async function measureDirectAt(bench: Pick<Bench, "load" | "receiver">, pace: OpenPace): Promise<Direct> {
  const { load, receiver } = bench;
  const prefix = receiver.newPrefix();
  const report = await load.run({ ...pace, plans: [planTo(receiver.localUrlOf(`${prefix}0`))] });
  await receiver.forget(prefix);
  return directOf(report);
}

function planTo(url: string): PublishPlan {
  const headers = { "content-type": "application/json" };
  return { url, headers, open: "", ...PAYLOAD, close: "", eventsPerRequest: 1, ids: null };
}

function directOf(report: LoadReport): Direct {
  const answered = [...report.acceptedAtMs].filter((ms) => !Number.isNaN(ms));
  const lastMs = answered.reduce((max, ms) => Math.max(max, ms), 0);
  const { p50, p99 } = summarize([...report.acceptedAtMs].map((ms, at) => ms - (report.startedAtMs[at] ?? 0)));
  return { ratePerSecond: perSecond(answered.length, lastMs - (report.startedAtMs[0] ?? 0)), p50Ms: p50, p99Ms: p99 };
}

export const direct: Scenario = {
  name: "direct",
  title: "the load process straight to the receiver",
  needs: [],
  run: async (bench, findings) => {
    for (const concurrency of sized(bench, { full: [64, 128], quick: [64, 128], tiny: [8] })) {
      const { ratePerSecond, p50Ms, p99Ms } = await measureDirect(bench, concurrency);
      findings.add(`concurrency ${concurrency}`, ratePerSecond, "/s");
      findings.add(`concurrency ${concurrency}: p50`, p50Ms, "ms");
      findings.add(`concurrency ${concurrency}: p99`, p99Ms, "ms");
    }
  },
};
