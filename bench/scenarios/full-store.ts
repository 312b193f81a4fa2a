/** A store with much in it: does it slow down what comes, and how long do lists take. */
import type { Target, Tenant } from "../adapters/adapter.js";
import { nowMs } from "../clock.js";
import { summarize } from "../measure/percentile.js";
import { deliveredPerSecond } from "../report/findings.js";
import type { Findings } from "../report/findings.js";
import type { Drive } from "./drive.js";
import { driveNew, driveOne, oneEndpoint } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Bench, Scenario } from "./scenario.js";

const PAGE_ROWS = 50;
const READS = 20;
const FILL_EVENTS_PER_REQUEST = 200;

interface Both {
  light: Drive;
  burst: Drive;
}

async function measureBoth(bench: Bench, target: Target, findings: Findings, label: string): Promise<Both> {
  const seconds = sized(bench, { full: 20, quick: 5, tiny: 1 });
  const requests = sized(bench, { full: 5_000, quick: 1_000, tiny: 20 });
  const light = await driveNew(bench, target, findings, {
    label: `${label}, 100/s`,
    pace: { kind: "open", ratePerSecond: 100, seconds },
  });
  const burst = await driveNew(bench, target, findings, {
    label: `${label}, burst`,
    pace: { kind: "closed", requests, concurrency: 64 },
  });
  return { light, burst };
}

async function readLists(tenant: Tenant, findings: Findings, label: string): Promise<void> {
  for (const { name, read } of tenant.lists(PAGE_ROWS)) {
    const timesMs: number[] = [];
    for (let reads = 0; reads < READS; reads += 1) {
      const startMs = nowMs();
      await read();
      timesMs.push(nowMs() - startMs);
    }
    const { p50, max } = summarize(timesMs);
    findings.add(`${label}: page of ${PAGE_ROWS} ${name}, p50`, p50, "ms");
    findings.add(`${label}: page of ${PAGE_ROWS} ${name}, max`, max, "ms");
  }
}

/** Delivered events of one customer, in steps that are waited for. */
async function fill(bench: Bench, target: Target, findings: Findings): Promise<Tenant> {
  const steps = sized(bench, { full: 20, quick: 2, tiny: 1 });
  const requests = sized(bench, { full: 50, quick: 25, tiny: 1 });
  const one = await oneEndpoint(bench, target);
  const startMs = nowMs();
  let events = 0;
  for (let step = 0; step < steps; step += 1) {
    const driven = await driveOne(bench, target, one, {
      pace: { kind: "closed", requests, concurrency: 4 },
      eventsPerRequest: FILL_EVENTS_PER_REQUEST,
    });
    findings.count(driven);
    events += driven.acceptedEvents;
    await bench.receiver.forget(one.prefix);
  }
  findings.add("filled with", events, "events");
  findings.add("filling", (events * 1_000) / (nowMs() - startMs), "/s");
  return one.tenant;
}

export const fullStore: Scenario = {
  name: "full-store",
  title: "a store with 200,000 delivered events in it",
  needs: ["control", "batch", "lists"],
  run: async (bench, findings) => {
    await bench.withTarget({}, async (target) => {
      const before = await measureBoth(bench, target, findings, "empty store");
      const tenant = await fill(bench, target, findings);
      const after = await measureBoth(bench, target, findings, "full store");
      await readLists(tenant, findings, "full store");
      const p99 = (driven: Drive): number => summarize(driven.endToEndMs).p99;
      findings.addRatio("p99 at 100/s, full to empty", p99(after.light), p99(before.light));
      findings.addRatio(
        "burst, delivered, full to empty",
        deliveredPerSecond(after.burst),
        deliveredPerSecond(before.burst),
      );
    });
  },
};
