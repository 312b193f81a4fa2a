/** What it costs when nothing happens, and how much memory it holds after much has happened. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../adapters/adapter.js";
import { nowMs } from "../clock.js";
import { cpuSeconds, difference, residentBytes } from "../measure/processes.js";
import type { Findings } from "../report/findings.js";
import { driveNew } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";

const BYTES_PER_MIB = 1_048_576;
const CALM_MS = 5_000;
/** Until what is left of the warm-up is over: what is kept of an event for half a minute, and its memory's collection. */
const REST_MS = { full: 60_000, quick: 45_000, tiny: 1_000 };

export const idle: Scenario = {
  name: "idle",
  title: "CPU of all processes at rest",
  needs: ["control"],
  run: async (bench, findings) => {
    const seconds = sized(bench, { full: 30, quick: 15, tiny: 1 });
    await bench.withTarget({}, async (target) => {
      await sleep(sized(bench, REST_MS));
      const before = cpuSeconds(target.processes);
      const fromMs = nowMs();
      await sleep(seconds * 1_000);
      findings.noteWindow({ fromMs, untilMs: nowMs() });
      for (const [group, used] of difference(before, cpuSeconds(target.processes))) {
        findings.add(`CPU of ${group}`, used === null ? null : (used / seconds) * 100, "% of a core");
      }
      addMemory(findings, target, "at rest");
    });
  },
};

export const memory: Scenario = {
  name: "memory",
  title: "resident memory after 10,000 and after 100,000 events",
  needs: ["control"],
  run: async (bench, findings) => {
    const steps = sized(bench, { full: [10_000, 90_000], quick: [1_000, 4_000], tiny: [20, 20] });
    await bench.withTarget({}, async (target) => {
      addMemory(findings, target, "after the warm-up");
      let events = 0;
      for (const requests of steps) {
        const pace = { kind: "closed", requests, concurrency: 64 } as const;
        events += requests;
        await driveNew(bench, target, findings, { pace, label: `up to ${events}`, drainMs: 300_000 });
        await sleep(CALM_MS);
        addMemory(findings, target, `after ${events} events`);
      }
    });
  },
};

function addMemory(findings: Findings, target: Target, label: string): void {
  for (const [group, bytes] of residentBytes(target.processes)) {
    findings.add(`${label}: memory of ${group}`, bytes === null ? null : bytes / BYTES_PER_MIB, "MiB");
  }
}
