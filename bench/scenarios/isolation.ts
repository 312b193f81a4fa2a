/** Ten endpoints of one customer, one of them sick: what the other nine notice. */
import type { Target } from "../adapters/adapter.js";
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

/**
 * Fresh for each case: retries of the one before would be part of it. All are healthy first, at the same rate: in its first
 * seconds at any rate a process compiles more than it works, and that would be most of what is compared.
 */
function oneCase(bench: Bench, findings: Findings, label: string, first: Behaviour): Promise<Drive> {
  return bench.withTarget({}, async (target) => {
    await driveTen(bench, target, { first: {}, seconds: sized(bench, { full: 10, quick: 4, tiny: 1 }) });
    const driven = await driveTen(bench, target, { first, seconds: sized(bench, { full: 30, quick: 8, tiny: 1 }) });
    findings.count(driven);
    findings.addLatency(`${label}: nine, end to end`, driven.endToEndMs);
    findings.add(`${label}: nine, delivered`, deliveredPerSecond(driven), "/s");
    findings.addLatency(`${label}: accept`, driven.acceptMs);
    findings.add(`${label}: processor time that the host took`, driven.stolenPercent, "%");
    return driven;
  });
}

/** A new customer with ten endpoints, the first of which behaves like that. */
async function driveTen(
  bench: Bench,
  target: Target,
  { first, seconds }: { first: Behaviour; seconds: number },
): Promise<Drive> {
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
  const pace = { kind: "open", ratePerSecond: rate * ENDPOINTS, seconds } as const;
  const driven = await drive(bench, target, { lanes, prefix, pace, settle: false });
  await receiver.forget(prefix);
  await tenant.delete();
  return driven;
}

export const isolation: Scenario = {
  name: "isolation",
  title: `${ENDPOINTS} endpoints at ${RATE_PER_ENDPOINT}/s each, one of them hangs or fails`,
  needs: ["control"],
  run: async (bench, findings) => {
    const before = await oneCase(bench, findings, "all healthy", {});
    const hangs = await oneCase(bench, findings, "one hangs", { hang: true });
    const fails = await oneCase(bench, findings, "one fails", { status: 500 });
    // Once more: the machine is not the same from minute to minute.
    const after = await oneCase(bench, findings, "all healthy again", {});
    const p99 = summarize([...before.endToEndMs, ...after.endToEndMs]).p99;
    const rate = (deliveredPerSecond(before) + deliveredPerSecond(after)) / 2;
    for (const [label, sick] of [
      ["one hangs", hangs],
      ["one fails", fails],
    ] as const) {
      findings.addRatio(`${label}: p99 of the nine, to all healthy`, summarize(sick.endToEndMs).p99, p99);
      findings.addRatio(`${label}: delivered to the nine, to all healthy`, deliveredPerSecond(sick), rate);
    }
  },
};
