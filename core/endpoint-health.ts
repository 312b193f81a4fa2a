/**
 * What an endpoint's attempts say about it: whether it fails, whether its circuit breaker lets requests through, and when
 * it is disabled. Pure: the same attempts in the same order come to the same.
 */
import type { EndpointStatusReason, WireProfile } from "./model.js";
import { consequenceOf, isTransportFailure } from "./outcome.js";
import type { OutcomeClass } from "./outcome.js";

/** Failures in a row after which an endpoint is called failing. */
export const FAILING_AFTER = 5;

/** When a breaker opens, and for how long: 30 s, doubled by each probe that fails, to 10 min. */
export const BREAKER = {
  transportFailures: 10,
  /** At least this many attempts in the window, at least this share of them failed. */
  windowMs: 30_000,
  windowAttempts: 10,
  windowFailedShare: 0.7,
  openMs: 30_000,
  openMsMax: 600_000,
  /** One that opens again so soon after it was closed goes on doubling: a request that succeeds now and then is not a recovery. */
  relapseMs: 120_000,
} as const;

/**
 * An endpoint is disabled when nothing has succeeded for 5 days since it began to fail, and what failed was spread over
 * 12 h before the last failure: neither a short outage nor two unlucky events a week apart cost anybody an endpoint.
 */
export const DISABLE = { afterMs: 5 * 86_400_000, spreadMs: 12 * 3_600_000 } as const;

/** Not closed: no requests until `until`, then one probe. */
export interface OpenBreaker {
  until: Date;
  /** Times it opened since it was closed. */
  openings: number;
  /** A probe is on its way, and `until` is when it must be over. */
  isProbing: boolean;
}

/** A change that operators have not been told yet; kept with the health until they are. */
export type HealthNotice = NoticeTime &
  (
    | { type: "endpoint.failing"; consecutiveFailures: number; failingSince: Date; lastOutcome: OutcomeClass }
    /** Since the first failure after the last success. */
    | { type: "endpoint.recovered"; failingSince: Date }
    | StatusNotice
  );

/** That it gets nothing any more, or gets something again. Attempts disable, callers do both. */
export type StatusNotice = { type: "endpoint.disabled"; reason: EndpointStatusReason } | { type: "endpoint.enabled" };

interface NoticeTime {
  /** Tells repeats from further changes: that of the health that attempts led to, or the time of a caller's change. */
  revision: number;
  at: Date;
}

export interface EndpointHealth {
  /** Ascends with each write; a write names the one that it has read. */
  revision: number;
  consecutiveFailures: number;
  /** Those at the end of them that had no HTTP answer. */
  transportFailures: number;
  /** The first and the last failure since the last success, and what the last one was. */
  firstFailureAt: Date | null;
  lastFailureAt: Date | null;
  lastOutcome: OutcomeClass | null;
  breaker: OpenBreaker | null;
  /** The last time that the breaker was closed, and how often it had opened until then; `null`: never, or a person closed it. */
  closed: { at: Date; openings: number } | null;
  untold: readonly HealthNotice[];
}

export const HEALTHY: EndpointHealth = {
  revision: 0,
  consecutiveFailures: 0,
  transportFailures: 0,
  firstFailureAt: null,
  lastFailureAt: null,
  lastOutcome: null,
  breaker: null,
  closed: null,
  untold: [],
};

/** One attempt, as far as it says something about the endpoint. */
export interface Observation {
  atMs: number;
  outcome: OutcomeClass;
  /** It was the one request that an open breaker let through. */
  isProbe: boolean;
  /** Of the last attempts, too many failed; see `BREAKER.windowFailedShare`. */
  isWindowBad: boolean;
}

export interface Observed {
  health: EndpointHealth;
  /** The endpoint is to be disabled, and why. */
  disable: EndpointStatusReason | null;
}

export function isFailing(health: EndpointHealth): boolean {
  return health.consecutiveFailures >= FAILING_AFTER;
}

/**
 * When a person has changed what the failures were about, or asks for requests now: the breaker closes and the days
 * count anew. What was failing is so until a request succeeds.
 */
export function forgiven(health: EndpointHealth): EndpointHealth {
  const revision = health.revision + 1;
  return { ...health, revision, transportFailures: 0, firstFailureAt: null, breaker: null, closed: null };
}

/** Closed, open until a time, or past it: one request may be made, to see. */
export function breakerState({ breaker }: EndpointHealth, nowMs: number): "closed" | "open" | "half-open" {
  if (breaker === null) return "closed";
  return breaker.until.getTime() > nowMs ? "open" : "half-open";
}

/** Takes the one request of a half-open breaker: it counts as open until the request must be over. */
export function probing(health: EndpointHealth, untilMs: number): EndpointHealth {
  const openings = health.breaker?.openings ?? 0;
  return { ...health, revision: health.revision + 1, breaker: { until: new Date(untilMs), openings, isProbing: true } };
}

/** The health after further attempts, one revision later; `null` if they change nothing. */
export function observe(
  before: EndpointHealth,
  seen: readonly Observation[],
  { profile }: { profile: WireProfile },
): Observed | null {
  const revision = before.revision + 1;
  let health = before;
  let disable: EndpointStatusReason | null = null;
  const notices: HealthNotice[] = [];
  for (const it of seen) {
    const consequence = consequenceOf(it.outcome, { profile, clientErrors: "retry" });
    if (consequence === "ours") continue;
    if (consequence === "delivered") {
      if (health.consecutiveFailures === 0 && health.breaker === null) continue;
      const at = new Date(it.atMs);
      if (isFailing(health)) {
        notices.push({ type: "endpoint.recovered", revision, at, failingSince: health.firstFailureAt ?? at });
      }
      const closed = health.breaker && { at, openings: health.breaker.openings };
      health = { ...HEALTHY, revision: before.revision, closed: closed ?? health.closed, untold: before.untold };
      continue;
    }
    const after = afterFailure(health, it);
    if (!isFailing(health) && isFailing(after)) notices.push(failing(after, { revision, it }));
    const reason: EndpointStatusReason | null =
      disable === null ? reasonToDisable(health, it, consequence === "gone") : null;
    // Receivers of the profile `metriport` know no such state, and their owners no way out of it.
    if (reason !== null && profile !== "metriport") {
      disable = reason;
      notices.push({ type: "endpoint.disabled", revision, at: new Date(it.atMs), reason });
    }
    health = after;
  }
  if (health === before) return null;
  return { health: { ...health, revision, untold: [...before.untold, ...notices].slice(-UNTOLD_MAX) }, disable };
}

function failing(after: EndpointHealth, { revision, it }: { revision: number; it: Observation }): HealthNotice {
  const { consecutiveFailures, firstFailureAt } = after;
  const at = new Date(it.atMs);
  const failingSince = firstFailureAt ?? at;
  return { type: "endpoint.failing", revision, at, consecutiveFailures, failingSince, lastOutcome: it.outcome };
}

/** Far more than there can be unless nobody can be told for hours. */
export const UNTOLD_MAX = 16;

/** A caller has changed the status: to be told as soon as that is on record. */
export function noticedAt(notice: StatusNotice, at: Date): HealthNotice {
  // Ascends with each change by a caller, and never meets the small numbers of changes that attempts make.
  return { ...notice, at, revision: at.getTime() };
}

function afterFailure(health: EndpointHealth, it: Observation): EndpointHealth {
  const at = new Date(it.atMs);
  const failed: EndpointHealth = {
    ...health,
    consecutiveFailures: health.consecutiveFailures + 1,
    transportFailures: isTransportFailure(it.outcome) ? health.transportFailures + 1 : 0,
    firstFailureAt: health.firstFailureAt ?? at,
    lastFailureAt: at,
    lastOutcome: it.outcome,
  };
  return { ...failed, breaker: breakerAfter(health, failed, it) };
}

/** Requests that were on their way when it opened say nothing new: only a probe opens it again. */
function breakerAfter(
  { breaker: open, closed }: EndpointHealth,
  failed: EndpointHealth,
  it: Observation,
): OpenBreaker | null {
  if (open !== null && !it.isProbe) return open;
  if (open === null && failed.transportFailures < BREAKER.transportFailures && !it.isWindowBad) return null;
  const isRelapse = closed !== null && it.atMs - closed.at.getTime() <= BREAKER.relapseMs;
  const openings = (open ?? (isRelapse ? closed : null))?.openings ?? 0;
  return opened(it.atMs, openings + 1);
}

function opened(atMs: number, openings: number): OpenBreaker {
  const openMs = Math.min(BREAKER.openMs * 2 ** (openings - 1), BREAKER.openMsMax);
  return { until: new Date(atMs + openMs), openings, isProbing: false };
}

function reasonToDisable(before: EndpointHealth, it: Observation, isGone: boolean): EndpointStatusReason | null {
  if (isGone) return "gone";
  if (before.firstFailureAt === null || before.lastFailureAt === null) return null;
  const sinceMs = before.firstFailureAt.getTime();
  const isLong = it.atMs - sinceMs >= DISABLE.afterMs;
  return isLong && before.lastFailureAt.getTime() - sinceMs >= DISABLE.spreadMs ? "failing" : null;
}
