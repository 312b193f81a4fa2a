/**
 * Starts workflows for accepted events: a lone one at once; while more keep coming, one start in a while with all that
 * waits, or as soon as there are enough for a whole one. Fewer and larger workflows are the decisive lever for cost, see docs/decisions. What cannot be started in time
 * is left to the sweep: the event is on disk and says that nobody has dispatched it.
 */
import type { Dispatchable, Dispatcher, Log } from "../../core/ports.js";

/**
 * The least time between two starts that are not full. Where the process has a head start, nobody waits for them: first
 * attempts have been made.
 */
export const PACE_MS = { headStart: 250, without: 50 } as const;
const STARTS_AT_ONCE = 4;
const BACKOFF_MS = 500;
/** The sweep looks after events older than 30 s; until then they are the dispatcher's. */
const KEEP_MS = 25_000;
const WAITING_MAX = 50_000;

interface Waiting {
  event: Dispatchable;
  sinceMs: number;
}

export interface DispatcherOptions {
  /** Starts one workflow for a batch; see `workflow-starter.ts`. */
  start: (events: readonly Dispatchable[]) => Promise<void>;
  log: Log;
  /** At most `BATCH_MAX`. */
  batchMax: number;
  /** See {@link PACE_MS}. */
  paceMs: number;
}

export class BatchDispatcher implements Dispatcher {
  #waiting: Waiting[] = [];
  /**
   * Batches whose start failed, as they were: it may have succeeded all the same, and the same batch has the same
   * workflow id. They go after what is new, so that one that Temporal refuses holds up nobody.
   */
  #again: Waiting[][] = [];
  #running = 0;
  #notBeforeMs = 0;
  /** Temporal is left alone until then. */
  #failedUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: DispatcherOptions) {}

  get depth(): number {
    return this.#waiting.length + this.#again.reduce((sum, batch) => sum + batch.length, 0);
  }

  dispatch(event: Dispatchable): void {
    if (this.#closed || this.depth >= WAITING_MAX) return;
    this.#waiting.push({ event, sinceMs: Date.now() });
    if (this.#waiting.length === this.options.batchMax) this.#hurry();
    this.#plan();
  }

  /** Starts what waits and resolves when the starts are over, at most after `waitMs`. */
  async close(waitMs: number): Promise<void> {
    const deadlineMs = Date.now() + waitMs;
    while ((this.depth > 0 || this.#running > 0) && Date.now() < deadlineMs) {
      await new Promise((wake) => setTimeout(wake, 20));
    }
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** A whole workflow's worth waits: it need not wait for more. */
  #hurry(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #plan(): void {
    if (this.#timer !== undefined || this.depth === 0 || this.#running >= STARTS_AT_ONCE || this.#closed) return;
    const isFull = this.#waiting.length >= this.options.batchMax;
    const notBeforeMs = isFull ? this.#failedUntilMs : this.#notBeforeMs;
    const waitMs = Math.max(0, notBeforeMs - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#startNext();
    }, waitMs);
  }

  async #startNext(): Promise<void> {
    this.#notBeforeMs = Date.now() + this.options.paceMs;
    const sinceMs = Date.now() - KEEP_MS;
    this.#waiting = this.#waiting.filter((it) => it.sinceMs > sinceMs);
    this.#again = this.#again.filter((batch) => batch.some((it) => it.sinceMs > sinceMs));
    const batch = this.#waiting.length > 0 ? this.#takeBatch() : (this.#again.shift() ?? []);
    if (batch.length === 0) return;
    this.#running += 1;
    try {
      this.#plan();
      await this.options.start(batch.map((it) => it.event));
    } catch (error) {
      this.#failedUntilMs = Date.now() + BACKOFF_MS;
      this.#notBeforeMs = this.#failedUntilMs;
      this.#again.push(batch);
      this.options.log.warn(
        { events: batch.length, error: error instanceof Error ? error.name : "" },
        "dispatch.failed",
      );
    } finally {
      this.#running -= 1;
      this.#plan();
    }
  }

  /** A scheduled event has a workflow of its own; others go together. */
  #takeBatch(): Waiting[] {
    const [first] = this.#waiting;
    if (first === undefined) return [];
    if (first.event.deliverAt !== null) return this.#waiting.splice(0, 1);
    const end = this.#waiting.findIndex((it) => it.event.deliverAt !== null);
    return this.#waiting.splice(0, Math.min(end === -1 ? this.#waiting.length : end, this.options.batchMax));
  }
}
