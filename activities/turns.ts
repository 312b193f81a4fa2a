/**
 * Turns at endpoints with a rate limit, from the bucket that all processes share. Calls of this process that come while
 * one is on its way to the store go together with the next: one write for all of them, in their order.
 */
import { putNewest } from "../core/put-newest.js";
import { setTimeout as sleep } from "node:timers/promises";
import { PosthornError } from "../core/errors.js";
import type { Endpoint } from "../core/model.js";
import type { Clock } from "../core/ports.js";
import type { RateBucketStore } from "../core/store-ports.js";
import { takeTurns } from "../core/rate-limit.js";
import type { Ask, AskedLimit, RateBucket, Reservation, Turn } from "../core/rate-limit.js";

/** Another process may have written in between this often before the call is given up, to be repeated by its workflow. */
const TRIES = 30;
const AGAIN_MS = 10;
/** Buckets remembered, so that a call need not read before it writes. */
const KNOWN_MAX = 1_000;

interface Call {
  limit: AskedLimit;
  asks: readonly Ask[];
  resolve: (turns: Turn[]) => void;
  reject: (reason: unknown) => void;
}

export interface TurnsOptions {
  rateBuckets: RateBucketStore;
  clock: Clock;
  random: () => number;
}

export class Turns {
  readonly #waiting = new Map<string, Call[]>();
  readonly #known = new Map<string, RateBucket>();

  constructor(private readonly options: TurnsOptions) {}

  /** One turn for each ask. Rejects with `store_unavailable`. */
  take(endpointId: string, limit: AskedLimit, asks: readonly Ask[]): Promise<Turn[]> {
    return new Promise((resolve, reject) => {
      const call = { limit, asks, resolve, reject };
      const waiting = this.#waiting.get(endpointId);
      if (waiting !== undefined) {
        waiting.push(call);
        return;
      }
      this.#waiting.set(endpointId, [call]);
      void this.#serve(endpointId);
    });
  }

  /**
   * A place in the queue for each of these deliveries, in the order of their ids; those that have one keep it. Empty if
   * the endpoint has no limit.
   */
  async reserve(endpoint: Endpoint, held: ReadonlyMap<string, Reservation | null>): Promise<Map<string, Turn>> {
    const limit = limitOf(endpoint);
    if (limit === null || held.size === 0) return new Map();
    const places = [...held].sort(byPlace);
    const asks = places.map(([, reservation]): Ask => ({ kind: "reserve", reservation }));
    const turns = await this.take(endpoint.id, limit, asks);
    return new Map(places.flatMap(([id], index) => (turns[index] === undefined ? [] : [[id, turns[index]] as const])));
  }

  /** Ends the queue of an endpoint: whoever waits in it gets a place in a new one. */
  async forget(endpointId: string): Promise<void> {
    this.#known.delete(endpointId);
    await this.options.rateBuckets.delete(endpointId);
  }

  async #serve(endpointId: string): Promise<void> {
    for (;;) {
      const calls = this.#waiting.get(endpointId)?.splice(0) ?? [];
      if (calls.length === 0) break;
      try {
        const turns = await this.#write(endpointId, calls);
        calls.forEach((call, index) => call.resolve(turns[index] ?? []));
      } catch (error) {
        for (const call of calls) call.reject(error);
      }
    }
    this.#waiting.delete(endpointId);
  }

  async #write(endpointId: string, calls: readonly Call[]): Promise<Turn[][]> {
    const { rateBuckets, clock, random } = this.options;
    const limit = newest(calls);
    // Of those that come together, the one goes first whose turn comes first.
    const asked = calls.flatMap((call, index) => call.asks.map((ask) => ({ index, ask })));
    asked.sort((a, b) => (a.ask.reservation?.atMs ?? Infinity) - (b.ask.reservation?.atMs ?? Infinity) || 0);
    const asks = asked.map((it) => it.ask);
    let before = this.#known.get(endpointId) ?? (await rateBuckets.find(endpointId));
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { bucket, turns } = takeTurns(before, limit, { asks, nowMs: clock.now() });
      if (await rateBuckets.replace(endpointId, before, bucket)) {
        putNewest(this.#known, [endpointId, bucket], KNOWN_MAX);
        return byCall(calls, asked, turns);
      }
      if (tries > 0) await sleep(AGAIN_MS * tries * random());
      before = await rateBuckets.find(endpointId);
    }
    throw new PosthornError("store_unavailable", "the rate limit's bucket is written by too many at once");
  }
}

/** `null`: it has none. */
export function limitOf({ rateLimit, updatedAt }: Endpoint): AskedLimit | null {
  return rateLimit && { ...rateLimit, asOfMs: updatedAt.getTime() };
}

/** Those with a place by that, then the others by the id of the delivery, which is the order of the events. */
export function byPlace(a: readonly [string, Reservation | null], b: readonly [string, Reservation | null]): number {
  const [atA, atB] = [a[1]?.atMs ?? Infinity, b[1]?.atMs ?? Infinity];
  if (atA !== atB) return atA - atB;
  return a[0] < b[0] ? -1 : 1;
}

/** Of the copies of an endpoint that the callers have. */
function newest(calls: readonly Call[]): AskedLimit {
  return calls.map((it) => it.limit).reduce((a, b) => (b.asOfMs > a.asOfMs ? b : a));
}

/** Turns in the order in which each call has asked. */
function byCall(
  calls: readonly Call[],
  asked: readonly { index: number; ask: Ask }[],
  turns: readonly Turn[],
): Turn[][] {
  const turnOf = new Map(asked.map((it, place) => [it.ask, turns[place]]));
  return calls.map((call) => call.asks.flatMap((ask) => turnOf.get(ask) ?? []));
}
