/** What this process saw of endpoints lately: whether most of their requests fail. Kept in memory only. */
import { putNewest } from "../core/put-newest.js";
import { BREAKER } from "../core/endpoint-health.js";
import type { OutcomeClass } from "../core/outcome.js";

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
  /** Oldest first, at most three. */
  slices: Slice[];
}

export class RecentAttempts {
  /** In the order of their last attempt. */
  readonly #seen = new Map<string, Seen>();

  /** Notes an attempt. @returns whether too many of the last requests have failed */
  note({ id, url }: { id: string; url: string }, attempt: { outcome: OutcomeClass; nowMs: number }): boolean {
    const seen = this.#take(id);
    // What another URL has answered says nothing of this one.
    if (seen.url !== url) Object.assign(seen, { url, slices: [] });
    seen.slices = seen.slices.filter((it) => it.startMs > attempt.nowMs - BREAKER.windowMs);
    let slice = seen.slices.at(-1);
    if (slice === undefined || slice.startMs <= attempt.nowMs - SLICE_MS) {
      slice = { startMs: attempt.nowMs, made: 0, failed: 0 };
      seen.slices.push(slice);
    }
    slice.made += 1;
    if (attempt.outcome === "ok") return false;
    slice.failed += 1;
    const made = seen.slices.reduce((sum, it) => sum + it.made, 0);
    const failed = seen.slices.reduce((sum, it) => sum + it.failed, 0);
    return made >= BREAKER.windowAttempts && failed >= made * BREAKER.windowFailedShare;
  }

  #take(endpointId: string): Seen {
    const seen = this.#seen.get(endpointId) ?? { url: "", slices: [] };
    putNewest(this.#seen, [endpointId, seen], ENDPOINTS_MAX);
    return seen;
  }
}
