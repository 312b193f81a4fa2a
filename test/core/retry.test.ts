import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OutcomeClass } from "../../core/outcome.js";
import type { RetryPolicy } from "../../core/retry.js";
import { DEFAULT_RETRY_POLICY, decideRetry, REST_MS_MIN, RETRY_AFTER_MS_MAX } from "../../core/retry.js";

const policy: fc.Arbitrary<RetryPolicy> = fc.record({
  scheduleSeconds: fc.array(fc.integer({ min: 1, max: 86_400 }), { minLength: 1, maxLength: 20 }),
  jitter: fc.double({ min: 0, max: 0.5, noNaN: true }),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** A policy, and an attempt that has a step after it. */
const open = policy.chain((it) =>
  fc.record({ policy: fc.constant(it), attemptsMade: fc.integer({ min: 1, max: it.scheduleSeconds.length }) }),
);

function delayOf(decision: ReturnType<typeof decideRetry>): number {
  if (decision.kind !== "retry") throw new Error("no retry follows");
  return decision.delayMs;
}

function stepMs(question: { policy: RetryPolicy; attemptsMade: number }): number {
  return (question.policy.scheduleSeconds[question.attemptsMade - 1] ?? 0) * 1000;
}

/** Failures that ask for nothing special. */
const plain: fc.Arbitrary<OutcomeClass> = fc.constantFrom(
  "http.500",
  "http.404",
  "connect.refused",
  "tls.expired",
  "redirect",
);
/** Failures of somebody who cannot keep up. */
const overwhelmed: fc.Arbitrary<OutcomeClass> = fc.constantFrom(
  "rate_limited",
  "http.502",
  "http.504",
  "timeout.connect",
  "timeout.headers",
  "timeout.total",
);
const anyOutcome = fc.oneof(plain, overwhelmed, fc.constant<OutcomeClass>("http.503"));
const HOUR_MS = 3_600_000;

describe("the wait before a retry", () => {
  it("stays within the jitter around its step", () => {
    fc.assert(
      fc.property(open, plain, random, (question, outcome, drawn) => {
        const delayMs = delayOf(decideRetry({ ...question, outcome, retryAfterMs: null, random: drawn }));
        const spread = stepMs(question) * question.policy.jitter;
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor(stepMs(question) - spread));
        expect(delayMs).toBeLessThanOrEqual(Math.ceil(stepMs(question) + spread));
      }),
    );
  });

  it("is the step itself in the middle of the random range", () => {
    fc.assert(
      fc.property(open, plain, (question, outcome) => {
        const delayMs = delayOf(decideRetry({ ...question, outcome, retryAfterMs: null, random: 0.5 }));
        expect(delayMs).toBe(stepMs(question));
      }),
    );
  });

  it("is always a whole number of milliseconds, never negative and never over 36 hours", () => {
    fc.assert(
      fc.property(open, anyOutcome, random, fc.option(fc.nat()), (question, outcome, drawn, retryAfterMs) => {
        const delayMs = delayOf(decideRetry({ ...question, outcome, retryAfterMs, random: drawn }));
        expect(Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= 36 * HOUR_MS).toBe(true);
      }),
    );
  });

  it("is at least a minute after a timeout, 429, 502 and 504, however short the step and whatever the jitter", () => {
    fc.assert(
      fc.property(open, overwhelmed, random, fc.option(fc.nat()), (question, outcome, drawn, retryAfterMs) => {
        const delayMs = delayOf(decideRetry({ ...question, outcome, retryAfterMs, random: drawn }));
        expect(delayMs).toBeGreaterThanOrEqual(REST_MS_MIN);
      }),
    );
  });
});

describe("a hint of the receiver", () => {
  const heeded = fc.constantFrom<OutcomeClass>("rate_limited", "http.503");

  it("delays up to an hour or twice the step, never beyond 24 hours, and never shortens", () => {
    fc.assert(
      fc.property(open, heeded, random, fc.nat({ max: 10 * RETRY_AFTER_MS_MAX }), (question, outcome, drawn, hint) => {
        const delayMs = delayOf(decideRetry({ ...question, outcome, retryAfterMs: hint, random: drawn }));
        const boundMs = Math.max(2 * stepMs(question), HOUR_MS) * (1 + question.policy.jitter);
        expect(delayMs).toBeGreaterThanOrEqual(Math.min(stepMs(question), RETRY_AFTER_MS_MAX));
        expect(delayMs).toBeLessThanOrEqual(Math.ceil(Math.min(boundMs, RETRY_AFTER_MS_MAX)));
      }),
    );
  });

  it("is kept where it is within its bounds: nobody is called earlier than asked", () => {
    fc.assert(
      fc.property(open, heeded, random, fc.nat({ max: RETRY_AFTER_MS_MAX }), (question, outcome, drawn, hint) => {
        fc.pre(hint <= Math.max(2 * stepMs(question), HOUR_MS));
        const delayMs = delayOf(decideRetry({ ...question, outcome, retryAfterMs: hint, random: drawn }));
        expect(delayMs).toBeGreaterThanOrEqual(hint);
      }),
    );
  });

  it("counts on 429 and 503 only", () => {
    fc.assert(
      fc.property(open, fc.oneof(plain, overwhelmed), random, fc.nat(), (question, outcome, drawn, hint) => {
        fc.pre(outcome !== "rate_limited");
        const unasked = decideRetry({ ...question, outcome, retryAfterMs: null, random: drawn });
        expect(decideRetry({ ...question, outcome, retryAfterMs: hint, random: drawn })).toEqual(unasked);
      }),
    );
  });
});

describe("the schedule", () => {
  it("is exhausted after its last step, and stays so", () => {
    fc.assert(
      fc.property(policy, fc.nat({ max: 30 }), random, fc.option(fc.nat()), (it, extra, drawn, retryAfterMs) => {
        const attemptsMade = it.scheduleSeconds.length + 1 + extra;
        expect(decideRetry({ policy: it, attemptsMade, outcome: "http.503", retryAfterMs, random: drawn })).toEqual({
          kind: "exhausted",
        });
      }),
    );
  });

  it("without steps allows one attempt", () => {
    const decision = decideRetry({
      policy: { scheduleSeconds: [], jitter: 0.2 },
      attemptsMade: 1,
      outcome: "http.503",
      retryAfterMs: 1_000,
      random: 0,
    });
    expect(decision).toEqual({ kind: "exhausted" });
  });

  it("by default makes eight attempts over 27.6 hours", () => {
    const totalSeconds = DEFAULT_RETRY_POLICY.scheduleSeconds.reduce((sum, it) => sum + it, 0);
    expect(DEFAULT_RETRY_POLICY.scheduleSeconds).toHaveLength(7);
    expect(totalSeconds / 3600).toBeCloseTo(27.6, 1);
  });
});
