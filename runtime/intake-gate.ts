/**
 * Slows publishers down while the processor is what everything waits for. Taking events in is cheaper than delivering them:
 * a burst of large batches would pile up more than the head start can hold, and the rest would take the dearest way there
 * is, by workflows and retry lanes. While the processor has time to spare nobody waits here, however long the queue of
 * an endpoint is: a receiver that is slow must not slow down those who publish.
 */
import type { Intake } from "../api/deps.js";
import { PosthornError } from "../core/errors.js";

/** Requests that wait for a slot and events that are being written, beyond which a busy process takes in no more. */
const BACKLOG_MAX = 500;
/** Events being written, busy or not: half of what may wait for a write. */
const ENTERED_MAX = 2_000;
/** The share of the time in which the event loop does something; it is never quite 1. */
const BUSY = 0.9;
const BUSY_WINDOW_MS = 50;
const LOOK_MS = 5;
/** Who has waited for so long is let in: the event is better on disk than refused. */
const WAIT_MS_MAX = 5_000;
/** Publishing requests that may wait; each may hold a body. */
const WAITING_MAX = 1_000;

interface Waiting {
  events: number;
  untilMs: number;
  enter(leave: () => void): void;
}

export interface IntakeGateOptions {
  /** Requests to receivers that wait for a slot. */
  backlog: () => number;
  /** Share of the time since the last call in which the event loop was busy, 0..1. @default that of this thread */
  utilization?: () => number;
}

export class IntakeGate implements Intake {
  readonly #queue: Waiting[] = [];
  readonly #utilization: () => number;
  #entered = 0;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;
  #lookedMs = -Infinity;

  constructor(private readonly options: IntakeGateOptions) {
    this.#utilization = options.utilization ?? eventLoopUtilization();
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  enter(events: number): (() => void) | Promise<() => void> {
    if (this.#queue.length === 0 && this.#isOpen(events)) return this.#admit(events);
    if (this.#queue.length >= WAITING_MAX) {
      throw new PosthornError("overloaded", "Events come faster than this process delivers them.");
    }
    return new Promise((enter) => {
      this.#queue.push({ events, untilMs: performance.now() + WAIT_MS_MAX, enter });
      this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    });
  }

  #look(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (!this.#isOpen(next.events) && performance.now() < next.untilMs) return;
      this.#queue.shift();
      next.enter(this.#admit(next.events));
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #isOpen(events: number): boolean {
    if (this.#entered > 0 && this.#entered + events > ENTERED_MAX) return false;
    return this.options.backlog() + this.#entered < BACKLOG_MAX || !this.#looksBusy();
  }

  #looksBusy(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#lookedMs < BUSY_WINDOW_MS) return this.#isBusy;
    this.#lookedMs = nowMs;
    this.#isBusy = this.#utilization() > BUSY;
    return this.#isBusy;
  }

  #admit(events: number): () => void {
    this.#entered += events;
    let isIn = true;
    return () => {
      if (isIn) this.#entered -= events;
      isIn = false;
    };
  }
}

function eventLoopUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
