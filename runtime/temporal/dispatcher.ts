/**
 * Starts workflows for accepted events: a lone one at once; while more keep coming, one start in a while with all that
 * waits, or as soon as there are enough for a whole one. Fewer and larger workflows are the decisive lever for cost, see
 * docs/decisions. What cannot be started in time is left to the sweep: the event is on disk and says that nobody has
 * dispatched it.
 */
import { dispatchableOf } from "../../core/dispatchable.js";
import type { Dispatcher, Haste, Log } from "../../core/ports.js";
import type { Dispatchable } from "../../core/store-ports.js";

/**
 * The least time between two starts that are not full: where somebody waits for the workflow's work, and where all is done
 * and it is for the record. A start costs as much as tens of deliveries.
 */
export const PACE_MS: Readonly<Record<Haste, number>> = { now: 50, soon: 1_000 };
const STARTS_AT_ONCE = 4;
const BACKOFF_MS = 500;
/** The sweep looks after events older than 30 s; until then they are the dispatcher's. */
const KEEP_MS = 25_000;
const WAITING_MAX = 50_000;

interface Waiting {
  event: Dispatchable;
  haste: Haste;
  sinceMs: number;
}

export interface DispatcherOptions {
  /** Starts one workflow for a batch; see `workflow-starter.ts`. */
  start: (events: readonly Dispatchable[]) => Promise<void>;
  log: Log;
  /** At most `BATCH_MAX`. */
  batchMax: number;
}

export class BatchDispatcher implements Dispatcher {
  #waiting: Waiting[] = [];
  /**
   * Batches whose start failed, as they were: it may have succeeded all the same, and the same batch has the same
   * workflow id. They go after what is new, so that one that Temporal refuses holds up nobody.
   */
  #again: Waiting[][] = [];
  /** That of the most urgent of those that wait. */
  #haste: Haste = "soon";
  #running = 0;
  #startedMs = 0;
  /** Temporal is left alone until then. */
  #failedUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;
  #closed = false;

  constructor(private readonly options: DispatcherOptions) {}

  get depth(): number {
    return this.#waiting.length + this.#again.reduce((sum, batch) => sum + batch.length, 0);
  }

  dispatch(event: Dispatchable, haste: Haste = "now"): void {
    if (this.#closed || this.depth >= WAITING_MAX) return;
    const isFirstInHaste = haste === "now" && this.#haste !== "now";
    if (isFirstInHaste) this.#haste = haste;
    this.#waiting.push({ event: dispatchableOf(event), haste, sinceMs: Date.now() });
    if (isFirstInHaste || this.#waiting.length === this.options.batchMax) this.#planAnew();
    else this.#plan();
  }

  /** Starts what waits and resolves when the starts are over, at most after `waitMs`. */
  async close(waitMs: number): Promise<void> {
    const deadlineMs = Date.now() + waitMs;
    this.#closing = true;
    this.#planAnew();
    while ((this.depth > 0 || this.#running > 0) && Date.now() < deadlineMs) {
      await new Promise((wake) => setTimeout(wake, 20));
    }
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #planAnew(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#plan();
  }

  #plan(): void {
    if (this.#timer !== undefined || this.depth === 0 || this.#running >= STARTS_AT_ONCE || this.#closed) return;
    const isWhole =
      this.#closing ||
      this.#waiting.length >= this.options.batchMax ||
      (this.#waiting[0]?.event.deliverAt ?? null) !== null;
    const pacedMs = isWhole ? 0 : this.#startedMs + PACE_MS[this.#haste];
    const waitMs = Math.max(0, Math.max(pacedMs, this.#failedUntilMs) - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#startNext();
    }, waitMs);
  }

  async #startNext(): Promise<void> {
    this.#startedMs = Date.now();
    const sinceMs = Date.now() - KEEP_MS;
    this.#waiting = this.#waiting.filter((it) => it.sinceMs > sinceMs);
    this.#again = this.#again.filter((batch) => batch.some((it) => it.sinceMs > sinceMs));
    const batch = this.#waiting.length > 0 ? this.#takeBatch() : (this.#again.shift() ?? []);
    this.#setHaste();
    if (batch.length === 0) return;
    this.#running += 1;
    try {
      this.#plan();
      await this.options.start(batch.map((it) => it.event));
    } catch (error) {
      this.#failedUntilMs = Date.now() + BACKOFF_MS;
      this.#again.push(batch);
      this.#setHaste();
      this.options.log.warn(
        { events: batch.length, error: error instanceof Error ? error.name : "" },
        "dispatch.failed",
      );
    } finally {
      this.#running -= 1;
      this.#plan();
    }
  }

  #setHaste(): void {
    const isHasty = this.#again.length > 0 || this.#waiting.some((it) => it.haste === "now");
    this.#haste = isHasty ? "now" : "soon";
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
