import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetryPolicy } from "../../core/retry.js";
import { DEFAULT_RETRY_POLICY, decideRetry, RETRY_AFTER_MS_MAX } from "../../core/retry.js";

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

describe("the wait before a retry", () => {
  it("stays within the jitter around its step", () => {
    fc.assert(
      fc.property(open, random, (question, drawn) => {
        const delayMs = delayOf(decideRetry({ ...question, retryAfterMs: null, random: drawn }));
        const spread = stepMs(question) * question.policy.jitter;
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor(stepMs(question) - spread));
        expect(delayMs).toBeLessThanOrEqual(Math.ceil(stepMs(question) + spread));
      }),
    );
  });

  it("is the step itself in the middle of the random range", () => {
    fc.assert(
      fc.property(open, (question) => {
        const delayMs = delayOf(decideRetry({ ...question, retryAfterMs: null, random: 0.5 }));
        expect(delayMs).toBe(stepMs(question));
      }),
    );
  });

  it("is never negative and always a whole number of milliseconds", () => {
    fc.assert(
      fc.property(open, random, fc.option(fc.nat()), (question, drawn, retryAfterMs) => {
        const delayMs = delayOf(decideRetry({ ...question, retryAfterMs, random: drawn }));
        expect(Number.isInteger(delayMs) && delayMs >= 0).toBe(true);
      }),
    );
  });

  it("with a hint lies between the step and twice the step", () => {
    fc.assert(
      fc.property(open, random, fc.nat({ max: 10 * RETRY_AFTER_MS_MAX }), (question, drawn, retryAfterMs) => {
        const delayMs = delayOf(decideRetry({ ...question, retryAfterMs, random: drawn }));
        expect(delayMs).toBeGreaterThanOrEqual(stepMs(question));
        expect(delayMs).toBeLessThanOrEqual(2 * stepMs(question));
      }),
    );
  });

  it("is not shorter than the hint where the hint is within its bounds", () => {
    fc.assert(
      fc.property(open, random, fc.nat({ max: RETRY_AFTER_MS_MAX }), (question, drawn, retryAfterMs) => {
        fc.pre(retryAfterMs <= 2 * stepMs(question));
        const delayMs = delayOf(decideRetry({ ...question, retryAfterMs, random: drawn }));
        expect(delayMs).toBeGreaterThanOrEqual(retryAfterMs);
      }),
    );
  });

  it("takes a hint for at most 24 hours, before jitter", () => {
    const question = { policy: { scheduleSeconds: [86_400], jitter: 0 }, attemptsMade: 1, random: 0.9 };
    expect(decideRetry({ ...question, retryAfterMs: 7 * RETRY_AFTER_MS_MAX })).toEqual({
      kind: "retry",
      delayMs: RETRY_AFTER_MS_MAX,
    });
  });
});

describe("the schedule", () => {
  it("is exhausted after its last step, and stays so", () => {
    fc.assert(
      fc.property(policy, fc.nat({ max: 30 }), random, fc.option(fc.nat()), (it, extra, drawn, retryAfterMs) => {
        const attemptsMade = it.scheduleSeconds.length + 1 + extra;
        expect(decideRetry({ policy: it, attemptsMade, retryAfterMs, random: drawn })).toEqual({ kind: "exhausted" });
      }),
    );
  });

  it("without steps allows one attempt", () => {
    const decision = decideRetry({
      policy: { scheduleSeconds: [], jitter: 0.2 },
      attemptsMade: 1,
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
