/**
 * How many cases run, and which. An ordinary run takes the same cases every time, so that it fails only where the code
 * changed. `FUZZ_FACTOR=20` runs twenty times as many with a seed of their own (`npm run fuzz`), `FUZZ_SEED` repeats a
 * run; a failure names the seed and the smallest case. Neither name begins with `POSTHORN_`: the command line refuses
 * names of that family that it does not know.
 */
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import { expect } from "vitest";

const FACTOR = Math.max(1, Number(process.env["FUZZ_FACTOR"] ?? 1));
const SEED = Number(process.env["FUZZ_SEED"] ?? (FACTOR === 1 ? 20_261_122 : Date.now() % 2 ** 31));

/** For a test with cases; the whole of it. */
export const FUZZ_TIMEOUT = { timeout: 120_000 * FACTOR };

/**
 * What is in use when a third of the cases of a kind are over is what compiled code and caches take; what has come to it
 * at the end of the kind is what cases leave behind. Kinds of a few cases are left out: a look takes as long as many.
 */
const WARM_UP_SHARE = 1 / 3;
const WATCHED_CASES_MIN = 200;
/** Of one kind. Where nothing is kept it is 0.8 MiB at most, be it for hundreds of cases or for tens of thousands. */
const HEAP_GROWTH_BYTES_MAX = 4 * 1024 * 1024;

/** Throws away what cases have rightly stored. */
type Forget = () => unknown;

/** Of one file, since each has these modules for itself. */
const watch: { forget: Forget | null; grownBytes: number[] } = { forget: null, grownBytes: [] };

/** From now on {@link forCases} looks at the memory. */
export function watchHeap(forget: Forget = () => undefined): void {
  watch.forget = forget;
}

/** At the end of a file that watches its heap. */
export function expectSameHeap(): void {
  expect(watch.grownBytes).not.toEqual([]);
  expect(Math.max(...watch.grownBytes)).toBeLessThan(HEAP_GROWTH_BYTES_MAX);
}

/** Runs a check over so many cases, times the factor. */
export async function forCases<Case>(
  count: number,
  cases: fc.Arbitrary<Case>,
  check: (it: Case) => unknown,
): Promise<void> {
  const runs = Math.ceil(count * FACTOR);
  const { forget } = watch;
  const look = forget !== null && runs >= WATCHED_CASES_MIN ? () => usedBytes(forget) : null;
  const warmUp = Math.ceil(runs * WARM_UP_SHARE);
  let made = 0;
  let before = 0;
  const property = fc.asyncProperty(cases, async (it) => {
    await check(it);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    made += 1;
    if (look !== null && made === warmUp) before = await look();
  });
  await fc.assert(property, { numRuns: runs, seed: SEED });
  if (look !== null) watch.grownBytes.push((await look()) - before);
}

setFlagsFromString("--expose-gc");
/** Made after the flag, so that it has `gc`; one for all looks, since a context takes memory itself. */
const COLLECTOR = createContext({});

/** Bytes that are still in use, those of buffers among them, after everything that is not was thrown away. */
async function usedBytes(forget: Forget): Promise<number> {
  await forget();
  // Some things are let go a turn after what held them has gone: buffers, and the time limits of requests.
  for (let pass = 0; pass < 3; pass += 1) {
    runInContext("gc()", COLLECTOR);
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
