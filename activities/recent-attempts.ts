/** What this process saw of endpoints lately: who gets a head start, and whether most requests fail. Kept in memory only. */
import { putNewest } from "../core/put-newest.js";
import { BREAKER } from "../core/endpoint-health.js";
import type { OutcomeClass } from "../core/outcome.js";

const SICK_MS = { failed: 60_000, slow: 10_000 };
const SLOW_MS = 2_000;
const ENDPOINTS_MAX = 10_000;
/** The window moves on by a third of its length at a time. */
const SLICE_MS = BREAKER.windowMs / 3;

interface Slice {
  startMs: number;
  made: number;
  failed: number;
}

interface Seen {
  url: string;
  sickUntilMs: number;
  /** Oldest first, at most three. */
  slices: Slice[];
}

export class RecentAttempts {
  /** In the order of their last attempt. */
  readonly #seen = new Map<string, Seen>();

  /** `lagMs`: how late this process has been lately. */
  constructor(private readonly lagMs: () => number = () => 0) {}

  /**
   * Notes an attempt: a failure makes an endpoint sick for a minute, a slow answer for a moment, a quick success heals it.
   *
   * @returns whether too many of the last requests have failed
   */
  note(
    { id, url }: { id: string; url: string },
    attempt: { outcome: OutcomeClass; durationMs: number; nowMs: number },
  ): boolean {
    const seen = this.#take(id);
    // What another URL has answered says nothing of this one.
    if (seen.url !== url) Object.assign(seen, { url, slices: [] });
    const isOk = attempt.outcome === "ok";
    // What this process was late by is not the receiver's doing.
    const isSlow = attempt.durationMs - this.lagMs() >= SLOW_MS;
    const sickMs = isOk ? Number(isSlow) * SICK_MS.slow : SICK_MS.failed;
    seen.sickUntilMs = attempt.nowMs + sickMs;
    seen.slices = seen.slices.filter((it) => it.startMs > attempt.nowMs - BREAKER.windowMs);
    let slice = seen.slices.at(-1);
    if (slice === undefined || slice.startMs <= attempt.nowMs - SLICE_MS) {
      slice = { startMs: attempt.nowMs, made: 0, failed: 0 };
      seen.slices.push(slice);
    }
    slice.made += 1;
    if (isOk) return false;
    slice.failed += 1;
    const made = seen.slices.reduce((sum, it) => sum + it.made, 0);
    const failed = seen.slices.reduce((sum, it) => sum + it.failed, 0);
    return made >= BREAKER.windowAttempts && failed >= made * BREAKER.windowFailedShare;
  }

  isSick(endpointId: string, nowMs: number): boolean {
    return (this.#seen.get(endpointId)?.sickUntilMs ?? 0) > nowMs;
  }

  #take(endpointId: string): Seen {
    const seen = this.#seen.get(endpointId) ?? { url: "", sickUntilMs: 0, slices: [] };
    putNewest(this.#seen, [endpointId, seen], ENDPOINTS_MAX);
    return seen;
  }
}
