import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Landings, NEVER, SOME_TIME } from "../../activities/landings.js";
import type { WebhookEvent } from "../../core/model.js";
import type { Haste } from "../../core/ports.js";
import { sampleEvent } from "../support/samples.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function useLandings() {
  const dispatched: [id: string, haste: Haste | undefined][] = [];
  const dispatcher = { dispatch: ({ id }: { id: string }, haste?: Haste) => void dispatched.push([id, haste]) };
  return { dispatched, landings: new Landings(dispatcher, { now: () => Date.now() }) };
}

function accepted(id: string, agoMs = 0): WebhookEvent {
  return sampleEvent({ id, applicationId: "app", now: new Date(Date.now() - agoMs) });
}

const inMs = (ms: number): number => Date.now() + ms;

test("an event of which nothing is left to do is dispatched at once, without haste", () => {
  const { landings, dispatched } = useLandings();
  landings.landed(accepted("done"), NEVER);
  expect(dispatched).toEqual([["done", "soon"]]);
});

test("one whose retry is due in a moment is dispatched at once, with haste", () => {
  const { landings, dispatched } = useLandings();
  landings.landed(accepted("due"), inMs(1_000));
  expect(dispatched).toEqual([["due", "now"]]);
});

test("those whose retries are some time away go together, before the first of them is due", () => {
  const { landings, dispatched } = useLandings();
  landings.landed(accepted("minutes"), inMs(300_000));
  vi.advanceTimersByTime(1_000);
  landings.landed(accepted("seconds"), inMs(5_000));
  vi.advanceTimersByTime(3_900);
  expect(dispatched).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(dispatched).toEqual([
    ["minutes", "now"],
    ["seconds", "now"],
  ]);
});

test("nobody waits longer than ten seconds, nor so long that others take the event for lost", () => {
  const { landings, dispatched } = useLandings();
  landings.landed(accepted("far"), inMs(3_600_000));
  vi.advanceTimersByTime(10_000);
  expect(dispatched).toEqual([["far", "now"]]);
  landings.landed(accepted("old", 23_000), inMs(3_600_000));
  vi.advanceTimersByTime(2_000);
  expect(dispatched).toHaveLength(2);
  landings.landed(accepted("too old", 26_000), inMs(3_600_000));
  expect(dispatched).toHaveLength(3);
});

test("what waits in a long queue gets its lane after two seconds, and at the end of the process everything does", () => {
  const { landings, dispatched } = useLandings();
  landings.landed(accepted("queued"), SOME_TIME);
  vi.advanceTimersByTime(2_000);
  expect(dispatched).toEqual([["queued", "now"]]);
  landings.landed(accepted("last"), inMs(60_000));
  landings.flush();
  expect(dispatched).toHaveLength(2);
  vi.advanceTimersByTime(60_000);
  expect(dispatched).toHaveLength(2);
});
