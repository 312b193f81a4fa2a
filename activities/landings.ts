/** When an event whose first attempts are over gets its workflow, and with which others. */
import { dispatchableOf } from "../core/dispatchable.js";
import type { WebhookEvent } from "../core/model.js";
import type { Clock, Dispatcher } from "../core/ports.js";
import type { Dispatchable } from "../core/store-ports.js";

/**
 * Events that need a retry lane wait for others like them, so that what goes to one endpoint becomes one lane: until shortly
 * before the retry is due, and at most for so long.
 */
const COMPANY_MS_MAX = 10_000;
/** The lane is to be there when the retry is due. */
const MARGIN_MS = 1_000;
/** Those that could go now but have a long queue before them. */
const QUEUED_MS = 2_000;
/** Whoever has no workflow at this age is taken for lost by others soon. */
const AGE_MS_MAX = 25_000;

/** Nobody has to look after the delivery again. */
export const NEVER = Infinity;
/** Somebody has to, and a few seconds make no difference. */
export const SOME_TIME = Number.MAX_VALUE;

export class Landings {
  #waiting: Dispatchable[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushAtMs = Infinity;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly clock: Clock,
  ) {}

  /** @param dueAtMs when somebody has to look after one of its deliveries again, in ms since 1970; or one of the names above */
  landed(event: Dispatchable & Pick<WebhookEvent, "createdAt">, dueAtMs: number): void {
    if (dueAtMs === NEVER) {
      this.dispatcher.dispatch(event, "soon");
      return;
    }
    const nowMs = this.clock.now();
    const patienceMs = dueAtMs === SOME_TIME ? QUEUED_MS : Math.min(dueAtMs - MARGIN_MS - nowMs, COMPANY_MS_MAX);
    const companyMs = Math.min(patienceMs, event.createdAt.getTime() + AGE_MS_MAX - nowMs);
    if (companyMs <= 0) this.dispatcher.dispatch(event, "now");
    else this.#wait(event, companyMs);
  }

  /** What waits for company waits no longer. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#flushAtMs = Infinity;
    for (const it of this.#waiting.splice(0)) this.dispatcher.dispatch(it, "now");
  }

  /** All go when the first of them has to. */
  #wait(event: Dispatchable, ms: number): void {
    this.#waiting.push(dispatchableOf(event));
    const flushAtMs = performance.now() + ms;
    if (flushAtMs >= this.#flushAtMs) return;
    clearTimeout(this.#timer);
    this.#flushAtMs = flushAtMs;
    this.#timer = setTimeout(() => this.flush(), ms);
  }
}
