import { expect, test, vi } from "vitest";
import { IntakeGate } from "../../runtime/intake-gate.js";

/** A gate of a process whose backlog and whose event loop are what the test says. */
function gateOf(load: { backlog: number; utilization: number }) {
  return new IntakeGate({ backlog: () => load.backlog, utilization: () => load.utilization });
}

/** Whether it was let in, and at once. */
function entry(gate: IntakeGate, events = 1) {
  const seen = { in: false, leave: (): void => undefined };
  const entered = gate.enter(events);
  const note = (leave: () => void): void => void Object.assign(seen, { in: true, leave });
  if (typeof entered === "function") note(entered);
  else void entered.then(note);
  return seen;
}

test("a busy process with a long queue lets publishers in when its queue is short, in the order in which they came", async () => {
  const load = { backlog: 500, utilization: 1 };
  const gate = gateOf(load);
  const order: number[] = [];
  const entries = [0, 1, 2].map(async (n) => {
    await gate.enter(100);
    order.push(n);
  });
  expect(gate.waiting).toBe(3);
  load.backlog = 0;
  await Promise.all(entries);
  expect(order).toEqual([0, 1, 2]);
  expect(gate.waiting).toBe(0);
});

test("however long the queues of slow endpoints are, nobody waits while the processor has time to spare", () => {
  const gate = gateOf({ backlog: 100_000, utilization: 0.5 });
  expect(entry(gate).in).toBe(true);
});

test("a process that has become idle enough lets in who waits, although its queue is still long", async () => {
  const load = { backlog: 100_000, utilization: 1 };
  const gate = gateOf(load);
  const waiting = entry(gate);
  expect(waiting.in).toBe(false);
  load.utilization = 0.5;
  await expect.poll(() => waiting.in).toBe(true);
});

test("what is being written counts until it is written or has failed", async () => {
  const gate = gateOf({ backlog: 0, utilization: 1 });
  const first = entry(gate, 500);
  const second = entry(gate);
  expect([first.in, second.in]).toEqual([true, false]);
  first.leave();
  first.leave();
  await expect.poll(() => second.in).toBe(true);
  expect(entry(gate, 499).in).toBe(true);
  expect(entry(gate).in).toBe(false);
});

test("a process with time to spare takes in no more at once than the store's queue holds, but any single request", async () => {
  const gate = gateOf({ backlog: 0, utilization: 0 });
  const large = entry(gate, 10_000);
  expect(large.in).toBe(true);
  const next = entry(gate);
  expect(next.in).toBe(false);
  large.leave();
  await expect.poll(() => next.in).toBe(true);
});

test("who has waited for five seconds is let in: the event is better on disk than refused", async () => {
  vi.useFakeTimers();
  try {
    const gate = gateOf({ backlog: 500, utilization: 1 });
    const waiting = entry(gate);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(waiting.in).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(waiting.in).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test("when a thousand requests wait one more is told to come back later", () => {
  vi.useFakeTimers();
  try {
    const gate = gateOf({ backlog: 500, utilization: 1 });
    for (let n = 0; n < 1_000; n += 1) entry(gate);
    expect(() => gate.enter(1)).toThrow(expect.objectContaining({ code: "overloaded" }));
    expect(gate.waiting).toBe(1_000);
  } finally {
    vi.useRealTimers();
  }
});

test("by default the gate looks at the event loop of its own thread", async () => {
  const gate = new IntakeGate({ backlog: () => 1_000 });
  const waiting = entry(gate);
  // The test waits and does nothing: the loop is not busy.
  await expect.poll(() => waiting.in).toBe(true);
  waiting.leave();

  await new Promise((wake) => setTimeout(wake, 60));
  expect(entry(gate).in).toBe(true);
  const endMs = performance.now() + 200;
  while (performance.now() < endMs);
  expect(entry(gate).in).toBe(false);
  await expect.poll(() => gate.waiting).toBe(0);
});
