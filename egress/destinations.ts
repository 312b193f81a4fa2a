import { putNewest } from "../core/put-newest.js";
import type { UrlPolicy } from "../core/ports.js";

/** What a URL says about a request, and whether it may be called. */
export type Destination = { ok: true; origin: string; path: string } | { ok: false; problem: string };

/** Most requests of a moment go to a few URLs; what the policy says may change with the addresses of this machine. */
const KEPT_MS = 1_000;
const KEPT_MAX = 1_000;

/** URLs as the policy judges them and as requests need them, each worked out at most once a second. */
export class Destinations {
  readonly #known = new Map<string, { destination: Destination; untilMs: number }>();

  /** @param now monotonic milliseconds */
  constructor(
    private readonly urlPolicy: UrlPolicy,
    private readonly now: () => number,
  ) {}

  of(text: string): Destination {
    const known = this.#known.get(text);
    const nowMs = this.now();
    if (known !== undefined && nowMs < known.untilMs) return known.destination;
    const destination = this.#judge(text);
    putNewest(this.#known, [text, { destination, untilMs: nowMs + KEPT_MS }], KEPT_MAX);
    return destination;
  }

  #judge(text: string): Destination {
    const verdict = this.urlPolicy.check(text);
    if (!verdict.ok) return verdict;
    const { origin, pathname, search } = new URL(text);
    return { ok: true, origin, path: pathname + search };
  }
}
