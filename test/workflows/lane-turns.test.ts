/** Lanes at an endpoint with a rate limit, on a clock of their own: what they make of it together. */
import { describe, expect, test } from "vitest";
import { takeTurns } from "../../core/rate-limit.js";
import type { Ask, AskedLimit } from "../../core/rate-limit.js";
import { LaneState } from "../../workflows/lane-state.js";

const START_MS = 1_800_000_000_000;
/** From a lane's decision to its activity, and back. */
const TASK_MS = 20;
/** Of the receiver and of the record. */
const ANSWER_MS = 10;
/** A timer of Temporal that is to last less may last this long. */
const TIMER_MS = 1_000;
const WAVE = 128;

interface SimulatedLane {
  state: LaneState;
  nextMs: number;
}

interface Simulated {
  /** When requests went, ms after the start, in order. */
  wentMs: number[];
  activities: number;
}

/** What becomes of lanes that have these deliveries (numbers in the order of arrival). */
function simulate(
  limit: AskedLimit,
  lanes: readonly (readonly number[])[],
  { workerBehindMs = 0 }: { workerBehindMs?: number } = {},
): Simulated {
  const count = lanes.flat().length;
  const reserve = new Array<Ask>(count).fill({ kind: "reserve", reservation: null });
  let { bucket, turns } = takeTurns(null, limit, { asks: reserve, nowMs: START_MS });
  const running = lanes.map((numbers): SimulatedLane => {
    const state = new LaneState();
    for (const number of numbers) {
      const turn = turns[number];
      if (!turn?.reservation) throw new Error("every delivery has a turn");
      const { askAgainAtMs: dueAtMs, reservation } = turn;
      const waits = { dueAtMs, unsettled: false, reservation, isTurn: true } as const;
      const counts = { attemptCount: 0, retriesMade: 0, retriesMax: 1 };
      state.note([{ deliveryId: String(number), kind: "open", ...waits, ...counts }]);
    }
    return { state, nextMs: START_MS };
  });
  const wentMs: number[] = [];
  let activities = 0;

  /** One step of the lane's workflow; answers when the next is. */
  function step({ state }: SimulatedLane, nowMs: number): number {
    const due = state.due(nowMs, WAVE, true);
    if (due.length === 0) return nowMs + Math.max(TIMER_MS, state.nextWake().atMs - nowMs);
    const asks = due.map((it): Ask => ({ kind: "go", reservation: it.reservation ?? null }));
    activities += 1;
    ({ bucket, turns } = takeTurns(bucket, limit, { asks, nowMs: nowMs + TASK_MS - workerBehindMs }));
    let endMs = nowMs + TASK_MS;
    due.forEach(({ deliveryId }, index) => {
      const turn = turns[index];
      if (turn === undefined) return;
      if (turn.goAtMs === null) {
        const { reservation, askAgainAtMs } = turn;
        state.note([{ deliveryId, kind: "waits", dueAtMs: askAgainAtMs, reservation }], nowMs);
      } else {
        const goAtMs = turn.goAtMs + workerBehindMs;
        wentMs.push(goAtMs - START_MS);
        endMs = Math.max(endMs, goAtMs + ANSWER_MS);
        state.note([{ deliveryId, kind: "final", status: "delivered" }]);
      }
    });
    return endMs + TASK_MS;
  }

  for (;;) {
    const [lane] = running.filter((it) => !it.state.isEmpty).sort((a, b) => a.nextMs - b.nextMs);
    if (lane === undefined) return { wentMs: wentMs.sort((a, b) => a - b), activities };
    lane.nextMs = step(lane, lane.nextMs);
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
/** In turn to so many lanes. */
const dealt = (count: number, lanes: number): number[][] =>
  numbers(lanes).map((lane) => numbers(count).filter((it) => it % lanes === lane));
/** One after the other, so many in each. */
const inBlocks = (count: number, size: number): number[][] =>
  numbers(Math.ceil(count / size)).map((block) => numbers(count).slice(block * size, (block + 1) * size));

describe.each([
  { perSecond: 0.4, burst: 1 },
  { perSecond: 1, burst: 1 },
  { perSecond: 5, burst: 1 },
  { perSecond: 10, burst: 1 },
  { perSecond: 10, burst: 10 },
  { perSecond: 60, burst: 1 },
  { perSecond: 100, burst: 1 },
])("a limit of $perSecond a second with a burst of $burst", (rateLimit) => {
  const count = Math.min(400, Math.max(20, 20 * rateLimit.perSecond));

  test.each([
    ["one lane", [numbers(count)]],
    ["two lanes whose turns alternate", dealt(count, 2)],
    ["seven lanes whose turns alternate", dealt(count, 7)],
    ["lanes with ten deliveries each, one after the other", inBlocks(count, 10)],
    ["a lane for each delivery", inBlocks(count, 1)],
  ])("is used to nine tenths by %s", (_, lanes) => {
    const { wentMs } = simulate({ ...rateLimit, asOfMs: START_MS }, lanes);

    expect(wentMs).toHaveLength(count);
    const wholeMs = ((count - rateLimit.burst) / rateLimit.perSecond) * 1_000;
    expect(Math.max(...wentMs)).toBeLessThanOrEqual(wholeMs / 0.9);
  });
});

test.each([
  [-2_000, 0],
  [400, 0],
  [2_000, 3],
  [30_000, 30],
])("a worker whose clock is %s ms behind is asked at most %s times more for a turn", (workerBehindMs, more) => {
  const limit = { perSecond: 0.5, burst: 1, asOfMs: START_MS };
  const [inStep, behind] = [{}, { workerBehindMs }].map((how) => simulate(limit, [numbers(20)], how));

  expect(behind?.wentMs).toHaveLength(20);
  expect(behind?.activities).toBeLessThanOrEqual((inStep?.activities ?? 0) + 20 * more);
});
