/** When to try again: the published schedule, jitter and `Retry-After`. Pure: randomness is handed in. */
import type { OutcomeClass } from "./outcome.js";

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

/** A hint may ask for this much although the step is short, or for twice a long step. */
const HINT_MS_MAX = 3_600_000;

/** Who could not keep up is left alone for at least this long, whatever the schedule says. */
export const REST_MS_MIN = 60_000;

/** The answers with which a receiver, or the gateway before it, says that it is overwhelmed. */
function isOverwhelmed(outcome: OutcomeClass): boolean {
  return outcome.startsWith("timeout.") || ["rate_limited", "http.502", "http.504"].includes(outcome);
}

/** The answers whose `Retry-After` is meant for us (RFC 6585, 4; RFC 9110, 15.6.4). */
function mayHint(outcome: OutcomeClass): boolean {
  return outcome === "rate_limited" || outcome === "http.503";
}

export type RetryDecision = { kind: "retry"; delayMs: number } | { kind: "exhausted" };

export interface RetryQuestion {
  policy: RetryPolicy;
  /** Attempts of the schedule that are over, the failed one included: 1 after the first failure. */
  attemptsMade: number;
  /** What the failed attempt came to. */
  outcome: OutcomeClass;
  /** What the receiver asked for, see {@link parseRetryAfter}; `null` without a usable hint. */
  retryAfterMs: number | null;
  /** Uniform in [0, 1). */
  random: number;
}

/**
 * The wait before the next attempt. Without a hint: the step ± jitter. With one, on 429 and 503: the hint within
 * [step, the larger of 2 × step and 1 h], jitter upward only, at most 24 h. After a timeout, 429, 502 or 504 never less
 * than 60 s.
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const stepSeconds = question.policy.scheduleSeconds[question.attemptsMade - 1];
  if (stepSeconds === undefined) return { kind: "exhausted" };
  const stepMs = stepSeconds * 1000;
  const restMs = isOverwhelmed(question.outcome) ? REST_MS_MIN : 0;
  const hintMs = mayHint(question.outcome) ? question.retryAfterMs : null;
  const { jitter } = question.policy;
  if (hintMs === null && stepMs >= restMs) {
    const delayMs = stepMs * (1 + jitter * (2 * question.random - 1));
    return { kind: "retry", delayMs: Math.round(Math.max(delayMs, restMs)) };
  }
  const hintedMs = Math.min(hintMs ?? 0, Math.max(2 * stepMs, HINT_MS_MAX));
  const floorMs = Math.max(stepMs, hintedMs, restMs);
  return { kind: "retry", delayMs: Math.round(Math.min(floorMs * (1 + jitter * question.random), RETRY_AFTER_MS_MAX)) };
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
