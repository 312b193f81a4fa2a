/** Publishes at a steady rate, whether or not what was published before has been answered. */
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { ADMIN_KEY } from "../support/posthorn.js";
import type { Ledger } from "./ledger.js";
import { monotonicMs } from "./receivers-contract.js";

/** Requests without an answer beyond which one is not begun, but counted as refused. */
const IN_FLIGHT_MAX = 1_000;
const CONNECTIONS_MAX = 128;
const IDLE_MS_MAX = 5_000;
/** So that a payload is about as large as those of real events. */
const FILLER = "x".repeat(850);

export interface Target {
  eventType: string;
  /** Index of the healthy receiver; `null` for a hostile one. */
  receiver: number | null;
}

/** Connections of its own, which are gone when nothing was published for a while: they are not to be taken for leaks. */
export class Publisher {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool(url, { connections: CONNECTIONS_MAX, keepAliveMaxTimeout: IDLE_MS_MAX });
  }

  /** Whether Posthorn has taken the event. */
  async publish(event: unknown): Promise<boolean> {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" };
    const body = JSON.stringify(event);
    const answer = await this.#pool.request({ method: "POST", path: "/v1/events", headers, body });
    await answer.body.dump();
    return answer.statusCode === 202;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

export interface LoadOptions {
  publisher: Publisher;
  ledger: Ledger;
  phase: string;
  /** In turn. */
  targets: readonly Target[];
  /** Events per second. */
  rate: number;
  durationMs: number;
  random: () => number;
  signal: AbortSignal;
}

/** Resolves with the longest delay of an event behind its time, in ms, when all requests have been answered. */
export async function publishSteadily(options: LoadOptions): Promise<number> {
  const { targets, rate, durationMs, random, signal } = options;
  const running = new Set<Promise<void>>();
  const startMs = monotonicMs();
  let dueMs = startMs;
  let latestMs = 0;
  for (let turn = 0; dueMs < startMs + durationMs && !signal.aborted; turn += 1) {
    const waitMs = dueMs - monotonicMs();
    if (waitMs > 0) await sleep(waitMs);
    latestMs = Math.max(latestMs, monotonicMs() - dueMs);
    const target = targets[turn % targets.length];
    if (target !== undefined) {
      const request = publishOne(options, target, running.size < IN_FLIGHT_MAX).finally(() => running.delete(request));
      running.add(request);
    }
    dueMs += (1000 / rate) * (0.5 + random());
  }
  await Promise.all(running);
  return latestMs;
}

async function publishOne({ publisher, ledger, phase }: LoadOptions, target: Target, begin: boolean): Promise<void> {
  const n = ledger.begin({ phase, receiver: target.receiver, startMs: monotonicMs() });
  const event = { eventType: target.eventType, payload: { n, filler: FILLER } };
  const accepted = begin && (await publisher.publish(event).catch(() => false));
  ledger.settle(n, { accepted, atMs: monotonicMs() });
}
