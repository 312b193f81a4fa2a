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
  const lanes: { id: string; lane: Parameters<typeof drive>[2]["lanes"][number] }[] = [];
  for (let at = 0; at < ENDPOINTS; at += 1) {
    const path = `${prefix}${at}`;
    const topic = `record.kind_${at}`;
    const id = await tenant.createEndpoint({ url: receiver.urlOf(path), topic, retrySeconds: null });
    lanes.push({ id, lane: { plan: tenant.plan(topic, PAYLOAD, 1), paths: [path], mustArrive: at > 0 } });
  }
  await receiver.behave([`${prefix}0`], first);
  const rate = sized(bench, { full: RATE_PER_ENDPOINT, quick: RATE_PER_ENDPOINT, tiny: 2 });
  const pace = { kind: "open", ratePerSecond: rate * ENDPOINTS, seconds } as const;
  const driven = await drive(bench, target, { lanes: lanes.map((it) => it.lane), prefix, pace, settle: false });
  // Requests that hang, and retries, would be part of what comes next.
  for (const { id } of lanes) await tenant.deleteEndpoint(id);
  await receiver.forget(prefix);
  await target.settled(SETTLE_MS_MAX);
  await tenant.delete();
  await sleep(sized(bench, { full: REST_MS, quick: REST_MS, tiny: 0 }));
  return driven;
}

/** What all turns of a case have in common. */
function pooled(turns: readonly Drive[]): { endToEndMs: number[]; acceptMs: number[]; perSecond: number } {
  return {
    endToEndMs: turns.flatMap((it) => it.endToEndMs),
    acceptMs: turns.flatMap((it) => it.acceptMs),
    perSecond: turns.reduce((sum, it) => sum + deliveredPerSecond(it), 0) / turns.length,
  };
}

function note(findings: Findings, label: string, turns: readonly Drive[]): void {
  const { endToEndMs, acceptMs, perSecond } = pooled(turns);
  findings.addLatency(`${label}: nine, end to end`, endToEndMs);
  findings.add(`${label}: nine, delivered`, perSecond, "/s");
  findings.addLatency(`${label}: accept`, acceptMs);
  const stolen = turns.flatMap((it) => it.stolenPercent ?? []);
  findings.add(`${label}: processor time that the host took, at most`, Math.max(...stolen), "%");
  for (const group of turns[0]?.cpu.keys() ?? []) {
    const seconds = turns.reduce((sum, it) => sum + (it.cpu.get(group) ?? Number.NaN), 0);
    const events = turns.reduce((sum, it) => sum + it.acceptedEvents, 0);
    findings.add(`${label}: CPU of ${group}`, (seconds * 1_000 * 1_000) / events, "ms/1000 events");
  }
  const p99s = turns.map((it) => summarize(it.endToEndMs).p99.toFixed(1));
  findings.notes.push(`${label}: p99 of the nine turn by turn: ${p99s.join(", ")} ms`);
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
      for (const [label, driven] of turns) note(findings, label, driven);
      const healthy = pooled(turns.get(HEALTHY) ?? []);
      for (const [label, driven] of turns) {
        if (label === HEALTHY) continue;
        const sick = pooled(driven);
        const [p99, healthyP99] = [summarize(sick.endToEndMs).p99, summarize(healthy.endToEndMs).p99];
        findings.addRatio(`${label}: p99 of the nine, to all healthy`, p99, healthyP99);
        findings.addRatio(`${label}: delivered to the nine, to all healthy`, sick.perSecond, healthy.perSecond);
      }
    }),
};
