/** When to try again: the published schedule, jitter and `Retry-After`. Pure: randomness is handed in. */

export interface RetryPolicy {
  /** Wait before each retry, in seconds. Empty: one attempt only. */
  readonly scheduleSeconds: readonly number[];
  /** Share of a wait by which it may vary in both directions, 0 to 0.5. */
  readonly jitter: number;
}

/** 8 attempts in about 27.6 hours, the schedule that Svix publishes. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  scheduleSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000],
  jitter: 0.2,
};

/** A hint of the receiver never delays an attempt for longer than this. */
export const RETRY_AFTER_MS_MAX = 24 * 3_600_000;

export type RetryDecision = { kind: "retry"; delayMs: number } | { kind: "exhausted" };

export interface RetryQuestion {
  policy: RetryPolicy;
  /** Attempts of the schedule that are over, the failed one included: 1 after the first failure. */
  attemptsMade: number;
  /** What the receiver asked for, see {@link parseRetryAfter}; `null` without a usable hint. */
  retryAfterMs: number | null;
  /** Uniform in [0, 1). */
  random: number;
}

/**
 * The wait before the next attempt. Without a hint: the step ± jitter. With one: the hint within [step, 2 × step] and
 * 24 h, jitter upward only, so that nobody is called earlier than asked for within those bounds.
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const stepSeconds = question.policy.scheduleSeconds[question.attemptsMade - 1];
  if (stepSeconds === undefined) return { kind: "exhausted" };
  const stepMs = stepSeconds * 1000;
  const { jitter } = question.policy;
  if (question.retryAfterMs === null) {
    return { kind: "retry", delayMs: Math.round(stepMs * (1 + jitter * (2 * question.random - 1))) };
  }
  const floorMs = Math.max(stepMs, Math.min(question.retryAfterMs, RETRY_AFTER_MS_MAX));
  const ceilingMs = 2 * stepMs;
  return { kind: "retry", delayMs: Math.round(Math.min(floorMs * (1 + jitter * question.random), ceilingMs)) };
}

const HTTP_DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/**
 * `Retry-After` as milliseconds from `nowMs` (RFC 9110, 10.2.3: seconds or one of three date forms). A past date is 0,
 * anything else `null`: a bad header never costs a delivery. Strict on purpose, `Date.parse` takes "-5" for a year.
 */
export function parseRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!HTTP_DATE.test(text)) return null;
  // The asctime form carries no zone; RFC 9110 5.6.7 says that it is UTC.
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
