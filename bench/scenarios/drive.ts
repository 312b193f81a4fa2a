/** Publishes, waits until everything came, and says what that took: the one thing that nearly every scenario does. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../adapters/adapter.js";
import { nowMs } from "../clock.js";
import type { LoadJob, LoadReport, PublishPlan } from "../load/job.js";
import { matchArrivals } from "../measure/matching.js";
import type { Lane, Matched, Tally } from "../measure/matching.js";
import { cpuSeconds, difference } from "../measure/processes.js";
import { markStolen, stolenPercentSince } from "../measure/stolen.js";
import type { Bench } from "./scenario.js";

const POLL_MS = 200;
/** Arrivals that are looked at one by one cost more than counters. */
const LOOK_AGAIN_MS = 2_000;
const DRAIN_MS_MAX = 120_000;
const SETTLE_MS_MAX = 60_000;

/** A {@link LoadJob} without its plans. */
export type Pace =
  { kind: "closed"; requests: number; concurrency: number } | { kind: "open"; ratePerSecond: number; seconds: number };

export interface DriveOptions {
  /** What is published by turns, and where it must arrive. All paths begin with `prefix`, and nothing came there before. */
  lanes: readonly (Lane & { plan: PublishPlan })[];
  prefix: string;
  pace: Pace;
  /** How long deliveries may take after the last was accepted. @default 120 s */
  drainMs?: number;
  /** Wait for the work in the background, too, so that its CPU time is counted. @default true */
  settle?: boolean;
  /** Happens when everything is accepted, before the waiting. */
  afterLoad?: () => Promise<void>;
}

export interface Drive {
  /** From the beginning of a request to its answer. */
  acceptMs: number[];
  /** From the beginning of the publish request to the arrival at the receiver; lanes that must arrive only. */
  endToEndMs: number[];
  /** How long after their time requests began, of those at a rate: part of both latencies. */
  lateMs: number[];
  tally: Tally;
  refusals: Record<string, number>;
  acceptedEvents: number;
  startedAtMs: number;
  lastAcceptedMs: number;
  /** `NaN`: nothing came. */
  lastArrivalMs: number;
  /** From the start until the background had finished too; `null`: not in time, not known or not asked for. */
  settledMs: number | null;
  /** Of the processors' time while it was published, what the machine's host gave to others, in percent. */
  stolenPercent: number | null;
  /** CPU seconds by group of processes. */
  cpu: Map<string, number | null>;
}

export async function drive(bench: Bench, target: Target, options: DriveOptions): Promise<Drive> {
  const { lanes, pace } = options;
  const groups = [
    ...target.processes,
    { name: "load", pids: [bench.load.pid] },
    { name: "receiver", pids: [bench.receiver.pid] },
  ];
  const cpuBefore = cpuSeconds(groups);
  const job: LoadJob = { ...pace, plans: lanes.map((lane) => lane.plan) };
  const startMs = nowMs();
  const mark = markStolen();
  const report = await bench.load.run(job);
  const stolenPercent = stolenPercentSince(mark);
  await options.afterLoad?.();
  const { matched, delivered, distinct } = await drain(bench, options, report);
  const settled = options.settle === false ? null : await target.settled(SETTLE_MS_MAX);
  const settledMs = settled === true ? nowMs() - startMs : null;
  return {
    acceptMs: acceptedOf(report).map((at) => (report.acceptedAtMs[at] ?? 0) - (report.startedAtMs[at] ?? 0)),
    endToEndMs: matched.latenciesMs.flatMap((latencies, at) => (lanes[at]?.mustArrive === true ? latencies : [])),
    lateMs: [...report.lateMs],
    tally: { expected: matched.expected, missing: matched.missing, duplicates: delivered - distinct },
    refusals: report.refusals,
    acceptedEvents: report.ids.reduce((sum, ids) => sum + ids.length, 0),
    startedAtMs: report.startedAtMs[0] ?? startMs,
    lastAcceptedMs: largest(acceptedOf(report).map((at) => report.acceptedAtMs[at] ?? 0)),
    lastArrivalMs: matched.lastArrivalMs,
    settledMs,
    stolenPercent,
    cpu: difference(cpuBefore, cpuSeconds(groups)),
  };
}

/** Polls the receiver, not the product: asking must not be part of the load. */
async function drain(
  bench: Bench,
  options: DriveOptions,
  report: LoadReport,
): Promise<{ matched: Matched; delivered: number; distinct: number }> {
  const { lanes, prefix, drainMs = DRAIN_MS_MAX } = options;
  const { receiver } = bench;
  const expected = expectedOf(report, lanes);
  const deadlineMs = nowMs() + drainMs;
  for (;;) {
    const counts = await receiver.counts(prefix);
    const isLate = nowMs() > deadlineMs;
    if (counts.distinct >= expected || isLate) {
      const matched = matchArrivals(report, lanes, await receiver.arrivals(prefix));
      if (matched.missing === 0 || isLate) return { matched, ...counts };
      await sleep(LOOK_AGAIN_MS);
    }
    await sleep(POLL_MS);
  }
}

function expectedOf(report: LoadReport, lanes: readonly Lane[]): number {
  return report.ids.reduce((sum, ids, request) => {
    const lane = lanes[report.plans[request] ?? 0];
    return lane?.mustArrive === true ? sum + ids.length * lane.paths.length : sum;
  }, 0);
}

function acceptedOf(report: LoadReport): number[] {
  return [...report.acceptedAtMs.keys()].filter((at) => !Number.isNaN(report.acceptedAtMs[at]));
}

function largest(values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
}
