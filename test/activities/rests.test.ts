import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Rests } from "../../activities/rests.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("lanes come back in the order in which they came, although the queue was longer for the first", () => {
  const rests = new Rests();
  const first = rests.begin("endpoint", "first", 10_000);
  vi.advanceTimersByTime(1_000);
  const second = rests.begin("endpoint", "second", 3_000);
  expect(first).toBe(10_000);
  expect(second).toBe(9_050);
});

test("who comes while others rest is behind them, and those that have rested are behind nobody", () => {
  const rests = new Rests();
  expect(rests.isBehind("endpoint", "new")).toBe(false);
  rests.begin("endpoint", "first", 0);
  expect(rests.isBehind("endpoint", "new")).toBe(true);
  expect(rests.isBehind("endpoint", "first")).toBe(false);
  expect(rests.isBehind("another", "new")).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(rests.has("endpoint")).toBe(false);
  expect(rests.isBehind("endpoint", "new")).toBe(false);
});

test("a rest has a bound, however many rest and however long the queue is", () => {
  const rests = new Rests();
  for (let n = 0; n < 2_000; n += 1) expect(rests.begin("endpoint", `lane ${n}`, 1e9)).toBeLessThanOrEqual(30_000);
});
