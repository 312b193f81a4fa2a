import { describe, expect, test } from "vitest";
import { matchArrivals } from "../../bench/measure/matching.js";
import { percentile, summarize } from "../../bench/measure/percentile.js";
import { residentBytes } from "../../bench/measure/processes.js";
import { ownerOf, summarizeProfile } from "../../bench/measure/profile.js";

describe("percentiles", () => {
  test("are values that were measured, by nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, at) => at + 1);

    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  test("do not depend on the order, and sort as numbers", () => {
    expect(summarize([10, 9, 100, 1])).toEqual({ count: 4, p50: 9, p99: 100, max: 100 });
  });
});

describe("matching", () => {
  const report = {
    startedAtMs: Float64Array.of(100, 200),
    lateMs: new Float64Array(2),
    acceptedAtMs: Float64Array.of(110, 210),
    plans: Uint16Array.of(0, 1),
    ids: [["a", "b"], ["c"]],
    refusals: {},
  };

  test("an accepted event that did not come to each of its paths is missing", () => {
    const lanes = [
      { paths: ["/0", "/1"], mustArrive: true },
      { paths: ["/2"], mustArrive: true },
    ];
    const arrivals = new Map([
      ["/0", new Map([["a", 130]])],
      [
        "/1",
        new Map([
          ["a", 140],
          ["b", 150],
        ]),
      ],
      ["/2", new Map([["c", 260]])],
    ]);

    expect(matchArrivals(report, lanes, arrivals)).toEqual({
      expected: 5,
      missing: 1,
      latenciesMs: [[30, 40, 50], [60]],
      lastArrivalMs: 260,
    });
  });

  test("what does not come to a receiver that was made to fail is not missing, and says nothing about the time", () => {
    const lanes = [
      { paths: ["/0"], mustArrive: true },
      { paths: ["/1"], mustArrive: false },
    ];
    const arrivals = new Map([
      [
        "/0",
        new Map([
          ["a", 130],
          ["b", 120],
        ]),
      ],
    ]);

    expect(matchArrivals(report, lanes, arrivals)).toMatchObject({ expected: 2, missing: 0, lastArrivalMs: 130 });
  });

  test("an id on a path where it does not belong counts for nothing", () => {
    const lanes = [
      { paths: ["/0"], mustArrive: true },
      { paths: ["/1"], mustArrive: true },
    ];
    const arrivals = new Map([["/0", new Map([["c", 300]])]]);

    expect(matchArrivals(report, lanes, arrivals)).toMatchObject({
      expected: 3,
      missing: 3,
      lastArrivalMs: Number.NaN,
    });
  });
});

describe("CPU profiles", () => {
  const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 4 });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame("(idle)") },
      { id: 2, callFrame: frame("sign", "file:///app/dist/egress/signature.js") },
      { id: 3, callFrame: frame("parse", "file:///app/node_modules/@trpc/server/dist/index.mjs") },
    ],
    startTime: 1_000_000,
    samples: [1, 2, 2, 3],
    timeDeltas: [0, 1_000, 2_000, 3_000],
  };

  test("time goes to the function that ran, by whose it is, and being idle is none", () => {
    const { busyMs, owners, functions } = summarizeProfile(profile, { fromMs: 0, untilMs: 2_000 }, 10);

    expect(busyMs).toBe(5);
    expect(owners).toEqual([
      { name: "posthorn/egress", ms: 5, share: 1 },
      { name: "@trpc/server", ms: 0, share: 0 },
    ]);
    expect(functions[0]?.name).toBe("sign  posthorn/egress signature.js:5");
  });

  test("only the time that was measured counts", () => {
    expect(summarizeProfile(profile, { fromMs: 1_002, untilMs: 2_000 }, 10).busyMs).toBe(3);
    expect(summarizeProfile(profile, { fromMs: 2_000, untilMs: 3_000 }, 10).busyMs).toBe(0);
  });

  test.each([
    [frame("(garbage collector)"), "(garbage collector)"],
    [frame("writev"), "V8 and native code"],
    [frame("emit", "node:events"), "node events"],
    [frame("write", "node:_http_outgoing"), "node http"],
    [frame("read", "node:internal/streams/readable"), "node streams"],
    [frame("run", "file:///app/node_modules/undici/lib/pool.js"), "undici"],
    [frame("run", "file:///app/dist/workflow-bundle.js"), "posthorn/workflow-bundle"],
    [frame("run", "file:///app/other.js"), "other files"],
  ])("%o belongs to %s", (callFrame, owner) => {
    expect(ownerOf(callFrame)).toBe(owner);
  });
});

test.runIf(process.platform === "linux")(
  "memory of a process is what it holds, and unknown of one that is gone",
  () => {
    const held = Buffer.alloc(64 * 1024 * 1024, 1);
    const measured = residentBytes([
      { name: "this", pids: [process.pid] },
      { name: "gone", pids: [process.pid, 2 ** 22 + 1] },
    ]);
    expect(measured.get("this")).toBeGreaterThan(held.byteLength);
    expect(measured.get("this")).toBeLessThanOrEqual(process.memoryUsage().rss * 1.5);
    expect(measured.get("gone")).toBeNull();
  },
);
