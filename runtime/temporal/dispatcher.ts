/**
 * Starts workflows for accepted events: a lone one at once; while more keep coming, one start in a while with all that
 * waits, or as soon as there are enough for a whole one. Fewer and larger workflows are the decisive lever for cost, see docs/decisions. What cannot be started in time
 * is left to the sweep: the event is on disk and says that nobody has dispatched it.
 */
import { searchPairs } from "../../core/search-attributes.js";
import type { Dispatchable, Dispatcher, Log } from "../../core/ports.js";
import { eventsWorkflowId, scheduledWorkflowId, TASK_QUEUE, WORKFLOW } from "../../core/workflow-contract.js";
import type { DeliverEventsInput, DeliverLaterInput } from "../../core/workflow-contract.js";
import type { TemporalLink } from "./link.js";

/**
 * The least time between two starts that are not full. Where the process has a head start, nobody waits for them: first
 * attempts are on their way.
 */
export const PACE_MS = { headStart: 250, without: 50 } as const;
const STARTS_AT_ONCE = 4;
const START_TIMEOUT_MS = 5_000;
const BACKOFF_MS = 500;
/** The sweep looks after events older than 30 s; until then they are the dispatcher's. */
const KEEP_MS = 25_000;
const WAITING_MAX = 50_000;

interface Waiting {
  event: Dispatchable;
  sinceMs: number;
}

export interface DispatcherOptions {
  link: Pick<TemporalLink, "call">;
  log: Log;
  /** At most `BATCH_MAX`. */
  batchMax: number;
  /** This process runs a worker on the same connection: the first task comes back in the start's answer. */
  eager: boolean;
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
      await this.#start(batch.map((it) => it.event));
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

  async #start(events: readonly Dispatchable[]): Promise<void> {
    this.#plan();
    const [first] = events;
    if (first === undefined) return;
    const common = {
      taskQueue: TASK_QUEUE,
      workflowIdConflictPolicy: "USE_EXISTING",
      typedSearchAttributes: attributesOf(events),
      staticSummary: summaryOf(events),
    } as const;
    const { deliverAt } = first;
    if (deliverAt !== null) {
      const input: DeliverLaterInput = { eventId: first.id, deliverAtMs: deliverAt.getTime() };
      await this.options.link.call(START_TIMEOUT_MS, (client) =>
        client.workflow.start(WORKFLOW.deliverLater, {
          ...common,
          workflowId: scheduledWorkflowId(first.id),
          args: [input],
          startDelay: Math.max(0, input.deliverAtMs - Date.now()),
        }),
      );
      return;
    }
    const input: DeliverEventsInput = { eventIds: events.map((it) => it.id) };
    await this.options.link.call(START_TIMEOUT_MS, (client) =>
      client.workflow.start(WORKFLOW.deliverEvents, {
        ...common,
        workflowId: eventsWorkflowId(input.eventIds),
        args: [input],
        requestEagerStart: this.options.eager,
      }),
    );
  }
}

function attributesOf(events: readonly Dispatchable[]): ReturnType<typeof searchPairs> {
  return searchPairs({
    applicationIds: [...new Set(events.map((it) => it.applicationId))],
    eventIds: events.map((it) => it.id),
    eventTypes: [...new Set(events.map((it) => it.eventType))],
  });
}

function summaryOf(events: readonly Dispatchable[]): string {
  const types = [...new Set(events.map((it) => it.eventType))];
  const names = types.slice(0, 3).join(", ").slice(0, 300) + (types.length > 3 ? ", …" : "");
  return events.length === 1 ? names : `${events.length} events: ${names}`;
}
