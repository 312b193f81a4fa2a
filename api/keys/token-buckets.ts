/**
 * Rate limits of this process: one bucket for each key of a bounded map. A library would do as well but for two things:
 * a call may cost more than a full bucket, and a token may be given back.
 */
import { putNewest } from "../../core/put-newest.js";
import type { Clock } from "../../core/ports.js";

export interface Rate {
  perSecond: number;
  /** What a full bucket holds, at least 1. */
  burst: number;
}

/** Twice the rate at once, at least one. */
export function rateOf(perSecond: number): Rate {
  return { perSecond, burst: Math.max(1, 2 * perSecond) };
}

export class TokenBuckets {
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly options: { entriesMax: number },
  ) {}

  /**
   * Takes `cost` tokens. What costs more than a full bucket is let through when the bucket is full and paid off
   * afterwards.
   *
   * @returns 0, or how many milliseconds to wait before the same call can succeed
   */
  take(key: string, rate: Rate, cost = 1): number {
    const tokens = this.#level(key, rate);
    const needed = Math.min(cost, rate.burst);
    if (tokens < needed) return Math.ceil(((needed - tokens) * 1000) / rate.perSecond);
    this.#set(key, tokens - cost);
    return 0;
  }

  giveBack(key: string, rate: Rate): void {
    this.#set(key, Math.min(rate.burst, this.#level(key, rate) + 1));
  }

  #level(key: string, rate: Rate): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return rate.burst;
    const elapsedMs = Math.max(0, this.clock.now() - bucket.atMs);
    return Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.perSecond) / 1000);
  }

  #set(key: string, tokens: number): void {
    putNewest(this.#buckets, [key, { tokens, atMs: this.clock.now() }], this.options.entriesMax);
  }
}
