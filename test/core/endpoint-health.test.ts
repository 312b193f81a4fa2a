import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BREAKER,
  breakerState,
  DISABLE,
  FAILING_AFTER,
  forgiven,
  HEALTHY,
  isFailing,
  observe,
  probing,
} from "../../core/endpoint-health.js";
import type { EndpointHealth, Observation } from "../../core/endpoint-health.js";
import type { OutcomeClass } from "../../core/outcome.js";

const STANDARD = { profile: "standard" } as const;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

function seen(outcome: OutcomeClass, atMs = 0, more: Partial<Observation> = {}): Observation {
  return { atMs, outcome, isProbe: false, isWindowBad: false, ...more };
}

/** After these attempts, each written at once. */
function after(observations: readonly Observation[], from: EndpointHealth = HEALTHY) {
  let health = from;
  let disable: string | null = null;
  for (const it of observations) {
    const observed = observe(health, [it], STANDARD);
    if (observed === null) continue;
    health = observed.health;
    disable ??= observed.disable;
  }
  return { health, disable, told: health.untold.map((it) => it.type) };
}

const times = (count: number, outcome: OutcomeClass): Observation[] =>
  Array.from({ length: count }, (_, index) => seen(outcome, index));

describe("failing", () => {
  it("begins with the fifth failure in a row and is told once", () => {
    expect(isFailing(after(times(FAILING_AFTER - 1, "http.500")).health)).toBe(false);
    const failing = after(times(FAILING_AFTER + 20, "http.500"));
    expect(isFailing(failing.health)).toBe(true);
    expect(failing.told).toEqual(["endpoint.failing"]);
  });

  it("ends with one success, which is told with the time since which it failed", () => {
    const failing = after(times(FAILING_AFTER, "http.500")).health;
    const { health, told } = after([seen("ok", 1_000)], failing);
    expect(health).toMatchObject({ consecutiveFailures: 0, firstFailureAt: null, breaker: null });
    expect(told).toEqual(["endpoint.failing", "endpoint.recovered"]);
    expect(health.untold[1]).toMatchObject({ failingSince: new Date(0), at: new Date(1_000) });
  });

  it("says nothing of an endpoint whose requests succeed, and of failures of our own", () => {
    expect(observe(HEALTHY, [seen("ok"), seen("internal.signing"), seen("internal.proxy")], STANDARD)).toBeNull();
  });
});

describe("the breaker", () => {
  it("opens for 30 s after 10 failures without an answer, and not after 10 that have one", () => {
    expect(after(times(BREAKER.transportFailures - 1, "connect.refused")).health.breaker).toBeNull();
    const { breaker } = after(times(BREAKER.transportFailures, "connect.refused")).health;
    expect(breaker).toEqual({ until: new Date(9 + BREAKER.openMs), openings: 1, isProbing: false });
    expect(after(times(50, "http.500")).health.breaker).toBeNull();
  });

  it("opens when most of the last requests have failed, whatever they came to", () => {
    expect(after([seen("http.500", 7, { isWindowBad: true })]).health.breaker?.until).toEqual(new Date(30_007));
  });

  it("opens again for twice as long after each probe that fails, to 10 minutes", () => {
    let { health } = after(times(10, "connect.refused"));
    const openMs: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      const atMs = (health.breaker?.until.getTime() ?? 0) + 1;
      expect(breakerState(health, atMs - 2)).toBe("open");
      expect(breakerState(health, atMs)).toBe("half-open");
      health = probing(health, atMs + 20_000);
      expect(breakerState(health, atMs)).toBe("open");
      ({ health } = after([seen("timeout.headers", atMs, { isProbe: true })], health));
      openMs.push((health.breaker?.until.getTime() ?? 0) - atMs);
    }
    expect(openMs).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
  });

  it("is not moved by requests that were on their way when it opened", () => {
    const { health } = after(times(10, "connect.refused"));
    expect(after(times(22, "connect.refused"), health).health.breaker).toEqual(health.breaker);
  });

  it("closes with any success", () => {
    const { health } = after(times(10, "connect.refused"));
    expect(after([seen("ok", 5)], health).health.breaker).toBeNull();
  });

  it("goes on doubling when it opens again within two minutes of being closed, and begins anew after that", () => {
    const closed = after([...times(10, "connect.refused"), seen("ok", 1_000)]).health;
    const failures = (fromMs: number) => times(10, "connect.refused").map((it) => ({ ...it, atMs: fromMs + it.atMs }));
    const openMs = (from: EndpointHealth, fromMs: number): number =>
      (after(failures(fromMs), from).health.breaker?.until.getTime() ?? 0) - (fromMs + 9);
    expect(openMs(closed, BREAKER.relapseMs)).toBe(60_000);
    expect(openMs(closed, 1_000 + BREAKER.relapseMs)).toBe(30_000);

    const again = after([...failures(2_000), seen("ok", 70_000)], closed).health;
    expect(openMs(again, 71_000)).toBe(120_000);
    expect(openMs(forgiven(again), 71_000)).toBe(30_000);
    // Successes without a failure between them are not written, and do not make anybody forget.
    expect(openMs(after([seen("http.500", 70_500), seen("ok", 70_600)], again).health, 71_000)).toBe(120_000);
  });

  it("closes and counts anew when a person has changed the endpoint", () => {
    const fresh = forgiven(after(times(10, "connect.refused")).health);
    expect(fresh).toMatchObject({ breaker: null, transportFailures: 0, firstFailureAt: null });
    expect(isFailing(fresh)).toBe(true);
    expect(after(times(9, "connect.refused"), fresh).health.breaker).toBeNull();
  });
});

describe("disabling", () => {
  it("takes 5 days without a success, with failures over more than 12 hours before the last one", () => {
    const spread = [seen("http.500", 0), seen("http.500", DISABLE.spreadMs)];
    expect(after([...spread, seen("http.500", DISABLE.afterMs - 1)]).disable).toBeNull();
    const disabled = after([...spread, seen("http.500", DISABLE.afterMs)]);
    expect(disabled).toMatchObject({ disable: "failing", told: ["endpoint.disabled"] });
  });

  it("is reset by any success", () => {
    const recovered = [seen("http.500", 0), seen("ok", DAY_MS), seen("http.500", 2 * DAY_MS)];
    expect(after([...recovered, seen("http.500", 6 * DAY_MS)]).disable).toBeNull();
  });

  it("does not follow from two failures a week apart, nor from a short outage after a silent week", () => {
    expect(after([seen("http.500", 0), seen("http.500", 7 * DAY_MS)]).disable).toBeNull();
    const outage = times(100, "http.500").map((it) => ({ ...it, atMs: 7 * DAY_MS + it.atMs }));
    expect(after(outage).disable).toBeNull();
    expect(after([seen("http.500", 0), seen("http.500", HOUR_MS), ...outage.slice(0, 1)]).disable).toBeNull();
  });

  it("follows from 410 at once, but not for receivers of the profile metriport", () => {
    expect(after([seen("gone", 5)])).toMatchObject({ disable: "gone", told: ["endpoint.disabled"] });
    expect(observe(HEALTHY, [seen("gone", 5)], { profile: "metriport" })?.disable).toBeNull();
  });
});

describe("whatever comes", () => {
  const observation: fc.Arbitrary<Observation> = fc.record({
    atMs: fc.integer({ min: 0, max: 10 * DAY_MS }),
    outcome: fc.constantFrom<OutcomeClass[]>(
      "ok",
      "http.500",
      "connect.refused",
      "timeout.total",
      "internal.error",
      "gone",
    ),
    isProbe: fc.boolean(),
    isWindowBad: fc.boolean(),
  });
  const inOrder = fc
    .array(observation, { maxLength: 60 })
    .map((all) => all.map((it) => ({ ...it })).sort((a, b) => a.atMs - b.atMs));

  it("attempts written one by one and together come to the same state", () => {
    fc.assert(
      fc.property(inOrder, (all) => {
        const together = observe(HEALTHY, all, STANDARD)?.health ?? HEALTHY;
        // But for how often it was written, and what was to be told in between.
        const { revision, untold } = together;
        expect(together).toEqual({ ...after(all).health, revision, untold });
      }),
    );
  });

  it("failing and recovered are told in turns", () => {
    fc.assert(
      fc.property(inOrder, (all) => {
        const told =
          observe(HEALTHY, all, STANDARD)?.health.untold.filter((it) => it.type !== "endpoint.disabled") ?? [];
        told.forEach((it, index) => {
          if (index > 0) expect(it.type).not.toBe(told[index - 1]?.type);
        });
      }),
    );
  });

  it("an endpoint whose last attempt succeeded is well", () => {
    fc.assert(
      fc.property(inOrder, (all) => {
        const health = observe(HEALTHY, [...all, seen("ok", 11 * DAY_MS)], STANDARD)?.health ?? HEALTHY;
        expect(health).toMatchObject({ consecutiveFailures: 0, breaker: null, firstFailureAt: null });
      }),
    );
  });
});
