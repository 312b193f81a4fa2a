/**
 * Runs the sweep when a circuit breaker has closed, or when one call has left some of what waits to the next, and not only at
 * its own turn: what is parked waits for nobody else. Times are of this process; those of a process that is gone are the
 * sweep's own turn's.
 */
import type { Clock, Engine, Log } from "../core/ports.js";

/** Times within one of these are one, and the sweep runs once for all of them. */
const TOGETHER_MS = 1_000;
/** Times are of this moment or the next second; for clocks that jump. */
const TIMES_MAX = 1_000;

export class SweepWakes {
  /** ms since 1970. */
  readonly #times = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly ports: { engine: Pick<Engine, "sweep">; clock: Clock; log: Log }) {}

  at(time: Date): void {
    if (this.#times.size >= TIMES_MAX) return;
    this.#times.add(Math.ceil(time.getTime() / TOGETHER_MS) * TOGETHER_MS);
    this.#plan();
  }

  close(): void {
    this.#times.clear();
    clearTimeout(this.#timer);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#times.size === 0) return;
    const dueMs = Math.min(...this.#times);
    this.#timer = setTimeout(() => void this.#wake(dueMs), Math.max(0, dueMs - this.ports.clock.now()));
    this.#timer.unref();
  }

  /** `dueMs` goes even if the clock has not reached it: timers and the clock differ by a millisecond. */
  async #wake(dueMs: number): Promise<void> {
    const untilMs = Math.max(dueMs, this.ports.clock.now());
    for (const time of this.#times) if (time <= untilMs) this.#times.delete(time);
    this.#plan();
    try {
      await this.ports.engine.sweep();
    } catch (error) {
      // Its own turn comes soon.
      this.ports.log.debug({ error: error instanceof Error ? error.name : "" }, "sweep.not_woken");
    }
  }
}
