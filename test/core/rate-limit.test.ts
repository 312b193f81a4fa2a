import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AHEAD_MS, takeTurns } from "../../core/rate-limit.js";
import type { Ask, RateBucket, RateLimit, Reservation } from "../../core/rate-limit.js";

const START_MS = 1_800_000_000_000;
/** Times are doubles: a pass may be early by a rounding error. */
const ROUNDING_MS = 0.01;

const limits = fc.record({
  perSecond: fc.oneof(fc.double({ min: 0.01, max: 10_000, noNaN: true }), fc.integer({ min: 1, max: 50 })),
  burst: fc.integer({ min: 1, max: 50 }),
});

/** Most of these times that lie in any window, however it is placed, of that length. */
function mostIn(times: readonly number[], windowMs: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  sorted.forEach((time, index) => {
    while (time - (sorted[from] ?? 0) > windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

function expectWithin(times: readonly number[], { perSecond, burst }: RateLimit): void {
  const span = Math.max(...times) - Math.min(...times);
  for (const windowMs of [0, 1, 100, 1_000, 10_000, span / 3, span]) {
    const allowed = (perSecond * (windowMs + ROUNDING_MS)) / 1_000 + burst;
    expect(mostIn(times, windowMs)).toBeLessThanOrEqual(allowed + ROUNDING_MS);
  }
}

/** Calls one after the other, `gapMs` apart. */
function run(limit: RateLimit, calls: readonly { gapMs: number; asks: readonly Ask[] }[]) {
  let bucket: RateBucket | null = null;
  let nowMs = START_MS;
  return calls.flatMap(({ gapMs, asks }) => {
    nowMs += gapMs;
    const taken = takeTurns(bucket, { ...limit, asOfMs: START_MS }, { asks, nowMs });
    bucket = taken.bucket;
    return taken.turns.map((turn) => ({ ...turn, nowMs }));
  });
}

const asksOf = (kind: Ask["kind"], count: number): Ask[] => new Array<Ask>(count).fill({ kind, reservation: null });
const calls = fc.array(
  fc.record({ gapMs: fc.integer({ min: 0, max: 5_000 }), count: fc.integer({ min: 1, max: 20 }) }),
  {
    minLength: 1,
    maxLength: 30,
  },
);

describe("for any limit and any sequence of calls", () => {
  test("reservations in any window of T seconds are at most rate times T and the burst", () => {
    fc.assert(
      fc.property(limits, calls, (limit, made) => {
        const turns = run(
          limit,
          made.map(({ gapMs, count }) => ({ gapMs, asks: asksOf("reserve", count) })),
        );
        expectWithin(
          turns.map((it) => it.reservation?.atMs ?? 0),
          limit,
        );
      }),
    );
  });

  test("reservations are handed out in the order in which they are asked for", () => {
    fc.assert(
      fc.property(limits, calls, (limit, made) => {
        const turns = run(
          limit,
          made.map(({ gapMs, count }) => ({ gapMs, asks: asksOf("reserve", count) })),
        );
        const times = turns.map((it) => it.reservation?.atMs ?? 0);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });

  test("requests that pass keep the limit, however late and in whatever order they come with their reservations", () => {
    const late = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.nat({ max: 60 })), { maxLength: 60 });
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 60 }), late, (limit, count, later) => {
        const known = { ...limit, asOfMs: START_MS };
        let { bucket, turns } = takeTurns(null, known, { asks: asksOf("reserve", count), nowMs: START_MS });
        const held: (Reservation | null)[] = turns.map((it) => it.reservation);
        const passed: number[] = [];
        let nowMs = START_MS;
        for (const [gapMs, index] of later) {
          nowMs += gapMs;
          const reservation = held[index % held.length] ?? null;
          ({ bucket, turns } = takeTurns(bucket, known, { asks: [{ kind: "go", reservation }], nowMs }));
          const [turn] = turns;
          if (turn === undefined || turn.goAtMs === null) continue;
          expect(turn.goAtMs).toBeGreaterThanOrEqual(Math.max(nowMs, (reservation?.atMs ?? 0) - AHEAD_MS));
          expect(turn.goAtMs).toBeLessThanOrEqual(nowMs + AHEAD_MS);
          passed.push(turn.goAtMs);
        }
        if (passed.length > 0) expectWithin(passed, limit);
      }),
    );
  });
});

describe("a limit of 5 a second with a burst of 2", () => {
  const limit = { perSecond: 5, burst: 2, asOfMs: START_MS };
  const take = (bucket: RateBucket | null, asks: readonly Ask[], atMs = 0) =>
    takeTurns(bucket, limit, { asks, nowMs: START_MS + atMs });
  const goes = (reservation: Reservation | null | undefined): Ask => ({ kind: "go", reservation: reservation ?? null });

  test("two may go at once, the others follow at 200 ms, and a pause earns a burst again", () => {
    const first = take(null, asksOf("reserve", 4));
    expect(first.turns.map((it) => it.expectedAtMs - START_MS)).toEqual([0, 0, 200, 400]);

    const second = take(first.bucket, asksOf("reserve", 3), 10_000);
    expect(second.turns.map((it) => it.expectedAtMs - START_MS)).toEqual([10_000, 10_000, 10_200]);
  });

  test("who comes after an outage passes at the limit, and in about the order of the reservations", () => {
    const { bucket, turns } = take(null, asksOf("reserve", 40));
    const [, early, late] = [turns[0], turns[10], turns[39]].map((it) => it?.reservation);
    const asks = turns.slice(0, 10).map((it) => goes(it.reservation));

    const resumed = take(bucket, asks, 60_000);
    const after = take(resumed.bucket, [goes(late), goes(early)], 60_000);

    expect(resumed.turns.filter((it) => it.goAtMs !== null)).toHaveLength(9);
    expect(after.turns.every((it) => it.goAtMs === null)).toBe(true);
    const [lateTurn, earlyTurn] = after.turns;
    expect(earlyTurn?.expectedAtMs).toBeLessThan(lateTurn?.expectedAtMs ?? 0);
  });

  test("a request that a person asks for does not wait, and the others wait for it", () => {
    const { bucket, turns } = take(null, asksOf("go", 2));
    expect(turns.map((it) => it.goAtMs)).toEqual([START_MS, START_MS]);

    const manual = take(bucket, asksOf("now", 1));
    expect(manual.turns.map((it) => it.goAtMs)).toEqual([START_MS]);

    const next = take(manual.bucket, asksOf("go", 1));
    expect(next.turns.map((it) => it.goAtMs)).toEqual([START_MS + 400]);
  });

  test("another limit voids the turns that were handed out, and an older copy of the endpoint changes nothing", () => {
    const slow = takeTurns(
      null,
      { perSecond: 0.1, burst: 1, asOfMs: START_MS - 1 },
      { asks: asksOf("reserve", 3), nowMs: START_MS },
    );
    const held = slow.turns.map((it) => goes(it.reservation));
    expect(slow.turns[2]?.expectedAtMs).toBe(START_MS + 20_000);

    const raised = take(slow.bucket, held);
    expect(raised.turns.every((it) => it.isNew)).toBe(true);
    expect(raised.turns[2]?.expectedAtMs).toBeLessThanOrEqual(START_MS + 1_000);

    const stale = takeTurns(
      raised.bucket,
      { perSecond: 0.1, burst: 1, asOfMs: START_MS - 1 },
      { asks: asksOf("reserve", 1), nowMs: START_MS },
    );
    expect(stale.bucket).toMatchObject({ perSecond: 5, burst: 2, epoch: raised.bucket.epoch });
  });

  test("who waits for long asks again within a minute or a tenth of the wait", () => {
    const { turns } = take(null, asksOf("reserve", 10_000));
    expect(turns[1_000]?.askAgainAtMs).toBe(START_MS + 60_000);
    expect((turns[9_999]?.askAgainAtMs ?? 0) - START_MS).toBeCloseTo(0.1 * 9_998 * 200, 0);
  });
});
