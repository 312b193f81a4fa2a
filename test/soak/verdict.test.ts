import { expect, test } from "vitest";
import type { PhaseResult, SoakResult } from "./result.js";
import type { Sample } from "./sampler.js";
import { judge } from "./verdict.js";

const MINUTE_MS = 60_000;
const STEADY = Array.from({ length: 1_000 }, (_, at) => 5 + at / 100);

function sample(fields: Partial<Sample> = {}): Sample {
  return {
    atMs: 0,
    phase: "B",
    rssMib: 400,
    heapUsedMib: 100,
    externalMib: 10,
    descriptors: { all: 60, sockets: 20, toReceivers: 0, toMongodb: 10, toTemporal: 1, fromCallers: 2, other: 7 },
    timers: 2,
    resources: 40,
    requestsRunning: 0,
    requestsWaiting: 0,
    eventLoopP99Ms: 10,
    processorSeconds: 1,
    machineBusySeconds: 1,
    machineSeconds: 2,
    ...fields,
  };
}

function phase(name: string, latenciesMs: number[]): PhaseResult {
  const counts = { accepted: latenciesMs.length, missing: 0, duplicates: 0 };
  return {
    name,
    latenciesMs,
    answersMs: [],
    counts,
    late: 0,
    loadDelayMsMax: 1,
    processorShare: 0.5,
    machineShare: 0.5,
    outcomes: {},
  };
}

/** Ten minutes in which nothing happened to the healthy receivers. */
function calm(fields: Partial<SoakResult> = {}): SoakResult {
  const times = Array.from({ length: 120 }, (_, at) => at * 5_000);
  return {
    options: {
      hostileMs: 10 * MINUTE_MS,
      seed: 1,
      rate: 50,
      receivers: 4,
      twins: false,
      hostileTimeoutMs: null,
      warmUpMs: MINUTE_MS,
      coolDownMs: MINUTE_MS,
      sampleMs: 5_000,
    },
    phases: ["A", "B", "C"].map((name) => phase(name, STEADY)),
    connections: {},
    refused: 0,
    strays: 0,
    missing: 0,
    start: sample(),
    endOfHostility: sample(),
    end: sample(),
    samples: times.map((atMs) => sample({ atMs, rssMib: 400 + (atMs % 15_000) / 1_000 })),
    ...fields,
  };
}

test("a soak in which nothing happened keeps all bounds", () => {
  const verdict = judge(calm());
  expect(verdict.broken).toEqual([]);
  expect(verdict.ratios).toEqual({ p50: 1, p99: 1, p999: 1 });
});

test("healthy receivers that wait for hostile ones break the bound of the latency", () => {
  const slow = STEADY.map((ms) => ms * 1.25);
  const phases = [phase("A", STEADY), phase("B", slow), phase("C", STEADY)];
  expect(judge(calm({ phases })).broken).toEqual(["p99 with hostile receivers is 1.25 times that without"]);
});

test("a phase without a single arrival breaks it too", () => {
  const phases = [phase("A", STEADY), phase("B", []), phase("C", STEADY)];
  expect(judge(calm({ phases })).broken).toHaveLength(1);
});

test("memory that grows by 4 MiB a minute is told from a heap that is collected now and then", () => {
  const grown = calm().samples.map((it) => ({ ...it, rssMib: it.rssMib + (4 * it.atMs) / MINUTE_MS }));
  expect(judge(calm({ samples: grown })).broken).toEqual([
    expect.stringMatching(/^memory grows by 4\.\d MiB a minute$/),
  ]);
});

test("what is lost, refused or misled breaks a bound, one of a kind is enough", () => {
  expect(judge(calm({ missing: 1 })).broken).toHaveLength(1);
  expect(judge(calm({ refused: 1 })).broken).toHaveLength(1);
  expect(judge(calm({ strays: 1 })).broken).toHaveLength(1);
});

test("a socket to a receiver that is left at the end is a leak, and so are timers and connections of other kinds", () => {
  const { descriptors } = sample();
  const ends = [
    sample({ descriptors: { ...descriptors, sockets: 21, all: 61, toReceivers: 1 } }),
    sample({ descriptors: { ...descriptors, sockets: 63, all: 103, toMongodb: 53 } }),
    sample({ descriptors: { ...descriptors, sockets: 27, all: 67, fromCallers: 9 } }),
    sample({ descriptors: { ...descriptors, all: 70 } }),
    sample({ timers: 20 }),
  ];
  for (const end of ends) expect(judge(calm({ end })).broken).toHaveLength(1);
});
