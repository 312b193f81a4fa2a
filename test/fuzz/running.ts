/**
 * How many cases run, and which. An ordinary run takes the same cases every time, so that it fails only where the code
 * changed. `FUZZ_FACTOR=20` runs twenty times as many with a seed of their own (`npm run fuzz`), `FUZZ_SEED` repeats a
 * run; a failure names the seed and the smallest case. Neither name begins with `POSTHORN_`: the command line refuses
 * names of that family that it does not know.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect } from "vitest";

const FACTOR = Math.max(1, Number(process.env["FUZZ_FACTOR"] ?? 1));
const SEED = Number(process.env["FUZZ_SEED"] ?? (FACTOR === 1 ? 20_261_122 : Date.now() % 2 ** 31));

/** For a test with cases; the whole of it. */
export const FUZZ_TIMEOUT = { timeout: 120_000 * FACTOR };

/** Runs a check over so many cases, times the factor. */
export async function forCases<Case>(
  count: number,
  cases: fc.Arbitrary<Case>,
  check: (it: Case) => unknown,
): Promise<void> {
  const property = fc.asyncProperty(cases, async (it) => {
    await check(it);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
  await fc.assert(property, { numRuns: Math.ceil(count * FACTOR), seed: SEED });
}

/** Bytes that are still in use after everything that is not was thrown away. */
export function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  return process.memoryUsage().heapUsed;
}

/** Wide: this finds what grows with every request, not what is a little larger than it might be. */
const HEAP_GROWTH_BYTES_MAX = 128 * 1024 * 1024;

export function expectSameHeap(before: number): void {
  expect(heapBytes() - before).toBeLessThan(HEAP_GROWTH_BYTES_MAX);
}
