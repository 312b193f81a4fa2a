import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BatchDispatcher } from "../../runtime/temporal/dispatcher.js";
import { createActivityWorld } from "../support/activity-ports.js";

const { log } = createActivityWorld().ports;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Notes what it starts. */
function noteStarts(batchMax = 200) {
  const starts: string[][] = [];
  const dispatcher = new BatchDispatcher({
    start: (events) => Promise.resolve(void starts.push(events.map((it) => it.id))),
    log,
    batchMax,
  });
  return { dispatcher, starts };
}

const dispatchable = (id: string, deliverAt: Date | null = null) => ({
  id,
  applicationId: "app_1",
  eventType: "a.b",
  deliverAt,
});

test("events for which nothing is left to do get their workflow together, at most once a second", async () => {
  const { dispatcher, starts } = noteStarts();
  dispatcher.dispatch(dispatchable("first"), "soon");
  await vi.advanceTimersByTimeAsync(1);
  for (const id of ["second", "third"]) dispatcher.dispatch(dispatchable(id), "soon");
  await vi.advanceTimersByTimeAsync(900);
  expect(starts).toEqual([["first"]]);
  await vi.advanceTimersByTimeAsync(200);
  expect(starts).toEqual([["first"], ["second", "third"]]);
});

test("one that has work for its workflow does not wait for that second, and takes with it those that do", async () => {
  const { dispatcher, starts } = noteStarts();
  dispatcher.dispatch(dispatchable("first"), "soon");
  await vi.advanceTimersByTimeAsync(100);
  dispatcher.dispatch(dispatchable("patient"), "soon");
  dispatcher.dispatch(dispatchable("urgent"));
  await vi.advanceTimersByTimeAsync(1);
  expect(starts).toEqual([["first"], ["patient", "urgent"]]);
  // Haste is over with them.
  dispatcher.dispatch(dispatchable("last"), "soon");
  await vi.advanceTimersByTimeAsync(500);
  expect(starts).toHaveLength(2);
});

test("an event that waits for its workflow does not keep its payload in memory", async () => {
  const started: object[] = [];
  const start = (events: readonly object[]) => Promise.resolve(void started.push(...events));
  const dispatcher = new BatchDispatcher({ start, log, batchMax: 200 });
  const whole = { ...dispatchable("event"), payload: Buffer.alloc(1_000_000) };
  dispatcher.dispatch(whole);
  await vi.advanceTimersByTimeAsync(100);
  expect(started).toEqual([dispatchable("event")]);
});

test("scheduled events have a workflow each and wait for no pace, nor does a whole batch", async () => {
  const { dispatcher, starts } = noteStarts(3);
  const later = new Date(Date.now() + 60_000);
  for (const id of ["s1", "s2", "s3", "s4", "s5"]) dispatcher.dispatch(dispatchable(id, later));
  await vi.advanceTimersByTimeAsync(10);
  expect(starts).toEqual([["s1"], ["s2"], ["s3"], ["s4"], ["s5"]]);
  for (const id of ["a", "b", "c", "d"]) dispatcher.dispatch(dispatchable(id), "soon");
  await vi.advanceTimersByTimeAsync(10);
  expect(starts.slice(5)).toEqual([["a", "b", "c"]]);
});

test("a process that ends does not wait for the pace", async () => {
  const { dispatcher, starts } = noteStarts();
  dispatcher.dispatch(dispatchable("first"), "soon");
  await vi.advanceTimersByTimeAsync(1);
  dispatcher.dispatch(dispatchable("second"), "soon");
  const closed = dispatcher.close(5_000);
  await vi.advanceTimersByTimeAsync(50);
  await closed;
  expect(starts).toEqual([["first"], ["second"]]);
});
