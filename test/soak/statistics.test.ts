import { expect, test } from "vitest";
import { quantile, seededRandom, slope } from "./statistics.js";

test("a quantile is one of the values, and none of none", () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect(quantile(values, 0.5)).toBe(50);
  expect(quantile(values, 0.99)).toBe(99);
  expect(quantile(values, 1)).toBe(100);
  expect(quantile([7], 0.999)).toBe(7);
  expect(quantile([], 0.99)).toBeNaN();
});

test("a slope is what y rises by for each 1 of x, through whatever noise lies evenly on both sides", () => {
  expect(slope([1, 2, 3, 4].map((x) => ({ x, y: 10 - 2 * x })))).toBeCloseTo(-2);
  const noisy = [1, -1, -1, 1].map((noise, x) => ({ x, y: 3 * x + noise }));
  expect(slope(noisy)).toBeCloseTo(3);
  expect(slope([{ x: 1, y: 5 }])).toBe(0);
});

test("the same seed gives the same numbers, another one others", () => {
  const take = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  expect(take(1)).toEqual(take(1));
  expect(take(1)).not.toEqual(take(2));
  for (const number of take(3)) expect(number).toBeGreaterThanOrEqual(0);
});
