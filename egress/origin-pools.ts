import type { Dispatcher } from "undici";
import { Pool } from "undici";
import { TIME_LIMITS } from "./time-limits.js";

export interface OriginPoolsOptions {
  connect: NonNullable<Pool.Options["connect"]>;
  /** Open connections to one origin; more requests wait for them within their deadline. */
  connectionsPerOrigin: number;
  /** Monotonic milliseconds. */
  now: () => number;
  /** How long an idle connection is kept at most, in ms, whatever the receiver asks for. @default 15000 */
  idleMsMax?: number;
}

interface OriginPool {
  pool: Pool;
  bornAtMs: number;
}

/** However busy it is, a connection ends after about this long, and its host name is looked up and checked anew. */
const POOL_MS_MAX = 300_000;

const POOL_OPTIONS = {
  pipelining: 1,
  allowH2: false,
  keepAliveTimeout: 8_000,
  maxHeaderSize: 16 * 1024,
  // The sender has a deadline for the whole request; these two restart with every 1xx answer and every byte.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

/**
 * Keep-alive connections, grouped by origin. Not undici's `Agent` with `clientTtl`: in 7.30.2, when all connections of
 * an origin are busy and past that age, requests that wait for one are never dispatched.
 */
export class OriginPools {
  readonly #options: OriginPoolsOptions;
  readonly #byOrigin = new Map<string, OriginPool>();
  /** Those of the map, and those that only finish what they have begun. */
  readonly #open = new Set<Pool>();

  constructor(options: OriginPoolsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Hands a request to a connection; what comes of it, the handler hears. */
  dispatch(origin: string, request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#poolOf(origin).dispatch({ ...request, origin }, handler);
  }

  /** Ends all connections at once; what is in flight fails. */
  async destroy(): Promise<void> {
    this.#byOrigin.clear();
    await Promise.all([...this.#open].map((pool) => pool.destroy()));
    this.#open.clear();
  }

  #poolOf(origin: string): Pool {
    const known = this.#byOrigin.get(origin);
    const now = this.#options.now();
    if (known !== undefined && now - known.bornAtMs < POOL_MS_MAX) return known.pool;
    if (known !== undefined) this.#retire(origin, known.pool);
    const { connect, connectionsPerOrigin, idleMsMax = TIME_LIMITS.idle } = this.#options;
    const pool = new Pool(origin, {
      ...POOL_OPTIONS,
      keepAliveMaxTimeout: idleMsMax,
      connect,
      connections: connectionsPerOrigin,
    });
    const retireIfIdle = () => {
      if (pool.stats.connected === 0 && pool.stats.size === 0) this.#retire(origin, pool);
    };
    pool.on("disconnect", retireIfIdle).on("connectionError", retireIfIdle);
    this.#byOrigin.set(origin, { pool, bornAtMs: now });
    this.#open.add(pool);
    return pool;
  }

  /** Takes no new requests; what it has begun, it finishes. */
  #retire(origin: string, pool: Pool): void {
    if (this.#byOrigin.get(origin)?.pool === pool) this.#byOrigin.delete(origin);
    if (pool.closed || pool.destroyed) return;
    pool.close().then(
      () => this.#open.delete(pool),
      () => this.#open.delete(pool),
    );
  }
}
