/** Every event of a soak: when its publishing began, and when which receiver had it. */
import type { Arrival } from "./receivers-contract.js";

interface Entry {
  phase: string;
  /** Index of the healthy receiver that must get it; `null`: a hostile one. */
  receiver: number | null;
  startMs: number;
  accepted: boolean;
  /** From the start of the request to its answer. */
  answerMs: number | null;
  arrivals: number;
  latencyMs: number | null;
}

export interface PhaseCounts {
  /** Answered with 202, for healthy receivers. */
  accepted: number;
  /** Of those: did not arrive. */
  missing: number;
  /** Arrivals after the first. */
  duplicates: number;
}

export class Ledger {
  readonly #entries: Entry[] = [];
  /** Arrivals where they do not belong, or of events that nobody published. */
  strays = 0;
  /** Not answered with 202. */
  refused = 0;

  /** @returns the number that the payload carries */
  begin(entry: Pick<Entry, "phase" | "receiver" | "startMs">): number {
    return this.#entries.push({ ...entry, accepted: false, answerMs: null, arrivals: 0, latencyMs: null }) - 1;
  }

  settle(n: number, { accepted, atMs }: { accepted: boolean; atMs: number }): void {
    const entry = this.#entries[n];
    if (!accepted) this.refused += 1;
    if (entry === undefined) return;
    entry.accepted = accepted;
    entry.answerMs = atMs - entry.startMs;
  }

  arrived([n, receiver, atMs]: Arrival): void {
    const entry = this.#entries[n];
    if (entry?.receiver !== receiver) {
      this.strays += 1;
      return;
    }
    entry.arrivals += 1;
    entry.latencyMs ??= atMs - entry.startMs;
  }

  get published(): number {
    return this.#entries.length;
  }

  /** Accepted for a healthy receiver, and not there yet. */
  get outstanding(): number {
    return this.#entries.filter((it) => it.receiver !== null && it.accepted && it.arrivals === 0).length;
  }

  counts(phase: string): PhaseCounts {
    const entries = this.#entries.filter((it) => it.phase === phase && it.receiver !== null);
    const accepted = entries.filter((it) => it.accepted);
    return {
      accepted: accepted.length,
      missing: accepted.filter((it) => it.arrivals === 0).length,
      duplicates: entries.reduce((sum, it) => sum + Math.max(0, it.arrivals - 1), 0),
    };
  }

  /** From the start of the request to publish to the last byte at the receiver; of the first `receivers` only. */
  latencies(phase: string, receivers: number): number[] {
    return this.#entries
      .filter((it) => it.phase === phase && it.receiver !== null && it.receiver < receivers)
      .flatMap((it) => (it.latencyMs === null ? [] : [it.latencyMs]));
  }
  /** Of requests to publish, for hostile receivers too. */
  answerTimes(phase: string): number[] {
    return this.#entries
      .filter((it) => it.phase === phase)
      .flatMap((it) => (it.answerMs === null ? [] : [it.answerMs]));
  }
}
