import fc from "fast-check";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { deliveryIdOf, ID_PREFIX, isId } from "../../core/ids.js";
import type { IdKind } from "../../core/ids.js";
import { createIdSource } from "../../runtime/ids.js";

const kinds = ["application", "endpoint", "event", "attempt", "operation", "audit"] satisfies IdKind[];
/** From KSUID's epoch to shortly before its end in 2150. */
const times = fc.integer({ min: 1_400_000_000_000, max: 5_600_000_000_000 });

function sourceAt(...readings: number[]): ReturnType<typeof createIdSource> {
  let next = 0;
  return createIdSource({ now: () => readings[Math.min(next++, readings.length - 1)] ?? 0, randomBytes });
}

test("an id has its kind's form and tells the millisecond it was made in", () => {
  fc.assert(
    fc.property(times, fc.constantFrom(...kinds), (ms, kind) => {
      const id = sourceAt(ms).next(kind);
      expect(isId(kind, id)).toBe(true);
      expect(sourceAt(0).timeOf(id)).toBe(ms);
    }),
  );
});

test("every millisecond of a second is told apart", () => {
  const second = 1_768_478_400_000;
  for (let ms = second; ms < second + 1_000; ms += 1) {
    const source = sourceAt(ms);
    expect(source.timeOf(source.next("event"))).toBe(ms);
    expect(source.timeOf(source.floor("event", ms))).toBe(ms);
  }
});

test("ids of one source ascend strictly, whatever its clock does", () => {
  const clock = fc.array(times, { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(clock, (readings) => {
      const source = sourceAt(...readings);
      const made = readings.map(() => source.next("event"));
      expect(made).toEqual([...new Set(made)].sort());
    }),
  );
});

test("ids made in a burst ascend across the second, and run ahead of the clock by less than they are many", () => {
  const ms = 1_768_478_400_999;
  const source = sourceAt(ms);
  const made = Array.from({ length: 5_000 }, () => source.next("attempt"));
  expect(made).toEqual([...new Set(made)].sort());
  expect(source.timeOf(made.at(-1) ?? "")).toBeGreaterThanOrEqual(ms);
  expect(source.timeOf(made.at(-1) ?? "")).toBeLessThan(ms + 5_000);
});

test("the floor of a time parts ids made before it from ids made at or after it", () => {
  fc.assert(
    fc.property(times, times, fc.constantFrom(...kinds), (madeAt, floorAt, kind) => {
      const id = sourceAt(madeAt).next(kind);
      const floor = sourceAt(0).floor(kind, floorAt);
      expect(isId(kind, floor)).toBe(true);
      expect(id >= floor).toBe(madeAt >= floorAt);
    }),
  );
});

test("a delivery's time is its event's, and its floor parts deliveries by it", () => {
  fc.assert(
    fc.property(times, times, times, (eventAt, endpointAt, floorAt) => {
      const id = deliveryIdOf(sourceAt(eventAt).next("event"), sourceAt(endpointAt).next("endpoint"));
      const source = sourceAt(0);
      expect(source.timeOf(id)).toBe(eventAt);
      const floor = source.floor("delivery", floorAt);
      expect(isId("delivery", floor)).toBe(true);
      expect(id >= floor).toBe(eventAt >= floorAt);
    }),
  );
});

test("a time before the epoch has the lowest floor", () => {
  expect(sourceAt(0).floor("event", -1)).toBe(`${ID_PREFIX.event}${"0".repeat(27)}`);
});

test("what is no id has no time", () => {
  for (const text of ["", "msg_", "msg_short", "nope_2a", `app_${"a".repeat(28)}`]) {
    expect(() => sourceAt(0).timeOf(text)).toThrow("not an id");
  }
});
