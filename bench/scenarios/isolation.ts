/** Ten endpoints of one customer, one of them sick: what the other nine notice. */
import { setTimeout as sleep } from "node:timers/promises";
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
const SETTLE_MS_MAX = 60_000;
/** After that, for what nobody can ask for. */
const REST_MS = 5_000;

const HEALTHY = "all healthy";

/** How the first endpoint behaves. */
const CASES: readonly { label: string; first: Behaviour }[] = [
  { label: HEALTHY, first: {} },
  { label: "one hangs", first: { hang: true } },
  { label: "one fails", first: { status: 500 } },
];

/**
 * The cases take turns on one product, each as often at the beginning, in the middle and at the end of a round: a machine is
 * not the same from one minute to the next, nor is a process that has compiled more of its code.
 */
async function takeTurns(bench: Bench, target: Target, findings: Findings): Promise<Map<string, Drive[]>> {
  const rounds = sized(bench, { full: CASES.length, quick: 1, tiny: 1 });
  const seconds = sized(bench, { full: 20, quick: 8, tiny: 1 });
  const turns = new Map<string, Drive[]>(CASES.map(({ label }) => [label, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { label, first } of [...CASES.slice(round), ...CASES.slice(0, round)]) {
      const driven = await driveTen(bench, target, { first, seconds });
      findings.count(driven);
      turns.get(label)?.push(driven);
    }
  }
  return turns;
}

/** A new customer with ten endpoints, the first of which behaves like that; it is gone before the next has a turn. */
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
      const endpointId = await tenant.createEndpoint({ url: receiver.urlOf(path), topic, retrySeconds: null });
      return { endpointId, plan: tenant.plan(topic, PAYLOAD, 1), paths: [path], mustArrive: at > 0 };
    }),
  );
  await receiver.behave([`${prefix}0`], first);
  const rate = sized(bench, { full: RATE_PER_ENDPOINT, quick: RATE_PER_ENDPOINT, tiny: 2 });
  const pace = { kind: "open", ratePerSecond: rate * ENDPOINTS, seconds } as const;
  const driven = await drive(bench, target, { lanes, prefix, pace, settle: false });
  // Requests that hang, and retries, would be part of what comes next.
  for (const { endpointId } of lanes) await tenant.deleteEndpoint(endpointId);
  await receiver.forget(prefix);
  await target.settled(SETTLE_MS_MAX);
  await tenant.delete();
  await sleep(sized(bench, { full: REST_MS, quick: REST_MS, tiny: 0 }));
  return driven;
}

type Pooled = Pick<Drive, "endToEndMs" | "acceptMs" | "acceptedEvents" | "cpu"> & { perSecond: number };

/** All turns of a case as if they were one. */
function pooled(turns: readonly Drive[]): Pooled {
  const groups = [...(turns[0]?.cpu.keys() ?? [])];
  return {
    endToEndMs: turns.flatMap((it) => it.endToEndMs),
    acceptMs: turns.flatMap((it) => it.acceptMs),
    acceptedEvents: sum(turns.map((it) => it.acceptedEvents)),
    cpu: new Map(groups.map((group) => [group, sum(turns.map((it) => it.cpu.get(group) ?? Number.NaN))])),
    perSecond: sum(turns.map(deliveredPerSecond)) / turns.length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** Answers what it has noted. */
function note(findings: Findings, label: string, turns: readonly Drive[]): Pooled {
  const all = pooled(turns);
  findings.addLatency(`${label}: nine, end to end`, all.endToEndMs);
  findings.add(`${label}: nine, delivered`, all.perSecond, "/s");
  findings.addLatency(`${label}: accept`, all.acceptMs);
  const stolen = turns.flatMap((it) => it.stolenPercent ?? []);
  findings.add(`${label}: processor time that the host took, at most`, Math.max(...stolen), "%");
  findings.addCpu(all, label);
  const p99s = turns.map((it) => summarize(it.endToEndMs).p99.toFixed(1));
  findings.notes.push(`${label}: p99 of the nine turn by turn: ${p99s.join(", ")} ms`);
  return all;
}

export const isolation: Scenario = {
  name: "isolation",
  title: `${ENDPOINTS} endpoints at ${RATE_PER_ENDPOINT}/s each, one of them hangs or fails`,
  needs: ["control"],
  run: (bench, findings) =>
    bench.withTarget({}, async (target) => {
      // At the same rate: in its first minute at any rate a process compiles more than later.
      await driveTen(bench, target, { first: {}, seconds: sized(bench, { full: 60, quick: 4, tiny: 1 }) });
      const turns = await takeTurns(bench, target, findings);
      const healthy = note(findings, HEALTHY, turns.get(HEALTHY) ?? []);
      for (const [label, driven] of turns) {
        if (label === HEALTHY) continue;
        const sick = note(findings, label, driven);
        const [p99, healthyP99] = [summarize(sick.endToEndMs).p99, summarize(healthy.endToEndMs).p99];
        findings.addRatio(`${label}: p99 of the nine, to all healthy`, p99, healthyP99);
        findings.addRatio(`${label}: delivered to the nine, to all healthy`, sick.perSecond, healthy.perSecond);
      }
    }),
};
