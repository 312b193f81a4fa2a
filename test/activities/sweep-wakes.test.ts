import { expect, test } from "vitest";
import { SweepWakes } from "../../activities/sweep-wakes.js";
import { createActivityWorld } from "../support/activity-ports.js";

function wakes(sweep: () => Promise<void>, clock = createActivityWorld().ports.clock) {
  const { log } = createActivityWorld().ports;
  return { clock, wakes: new SweepWakes({ engine: { sweep }, clock, log }) };
}

test("the sweep runs when a breaker lets somebody through, once for those of the same moment", async () => {
  const ranAtMs: number[] = [];
  const it = wakes(() => Promise.resolve(void ranAtMs.push(Date.now())));
  const dueMs = Math.ceil(it.clock.now() / 1_000) * 1_000 + 1_000;
  for (const early of [900, 500, 0]) it.wakes.at(new Date(dueMs - early));
  it.wakes.at(new Date(dueMs + 1_000));

  await expect.poll(() => ranAtMs.length, { timeout: 10_000 }).toBe(2);
  expect(ranAtMs[0]).toBeGreaterThanOrEqual(dueMs - 5);
  it.wakes.close();
});

test("a sweep that cannot be run is left to its own turn, and the next wake is tried all the same", async () => {
  let tries = 0;
  const it = wakes(() => {
    tries += 1;
    return Promise.reject(new Error("Temporal is away"));
  });
  it.wakes.at(new Date(it.clock.now()));
  await expect.poll(() => tries, { timeout: 10_000 }).toBe(1);
  it.wakes.at(new Date(it.clock.now()));
  await expect.poll(() => tries, { timeout: 10_000 }).toBe(2);
  it.wakes.close();
});

test("a timer that fires a moment before the clock shows its time runs the sweep once, not twice", async () => {
  const ranAtMs: number[] = [];
  const stoppedMs = 1_000_000_500;
  const it = wakes(() => Promise.resolve(void ranAtMs.push(performance.now())), { now: () => stoppedMs });
  it.wakes.at(new Date(stoppedMs));
  await expect.poll(() => ranAtMs.length, { timeout: 10_000 }).toBe(1);
  // The clock stands still: a time that is not let go comes again 500 ms later, and this one comes 1,500 ms from now.
  it.wakes.at(new Date(stoppedMs + 1_000));
  await expect.poll(() => ranAtMs.length, { timeout: 10_000 }).toBe(2);
  expect((ranAtMs[1] ?? 0) - (ranAtMs[0] ?? 0)).toBeGreaterThan(1_400);
  it.wakes.close();
});
