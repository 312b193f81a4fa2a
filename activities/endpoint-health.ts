/** What this process saw of an endpoint lately: decides who gets a head start, never whether something is delivered. */
import type { OutcomeClass } from "../core/outcome.js";

const SICK_MS = 60_000;
const SLOW_MS = 2_000;
const ENDPOINTS_MAX = 10_000;

export class EndpointHealth {
  readonly #sickUntil = new Map<string, number>();

  /** Notes an attempt: a failure or a slow answer makes an endpoint sick for a minute, a quick success heals it. */
  note(endpointId: string, attempt: { outcome: OutcomeClass; durationMs: number; nowMs: number }): void {
    this.#sickUntil.delete(endpointId);
    if (attempt.outcome === "ok" && attempt.durationMs < SLOW_MS) return;
    if (this.#sickUntil.size >= ENDPOINTS_MAX) {
      const [oldest] = this.#sickUntil.keys();
      if (oldest !== undefined) this.#sickUntil.delete(oldest);
    }
    this.#sickUntil.set(endpointId, attempt.nowMs + SICK_MS);
  }

  isSick(endpointId: string, nowMs: number): boolean {
    const until = this.#sickUntil.get(endpointId);
    if (until === undefined) return false;
    if (until > nowMs) return true;
    this.#sickUntil.delete(endpointId);
    return false;
  }
}
