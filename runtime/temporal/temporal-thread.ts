/**
 * Temporal in a thread of its own: its client, its worker and the connection that they share. On the main thread the
 * SDK's asynchronous contexts made every promise of the process dearer, and its work delayed answers and requests; see
 * docs/decisions. The activities themselves run in the process, where the store, the sender and the first attempts are.
 */
import { Worker } from "node:worker_threads";
import { createBirpc } from "birpc";
import type { BirpcReturn } from "birpc";
import type { ActivityWork } from "../../activities/activity-work.js";
import { PosthornError } from "../../core/errors.js";
import type { Engine, Log } from "../../core/ports.js";
import type { Dispatchable } from "../../core/store-ports.js";
import { opened, packError, unpackError } from "./carried-errors.js";
import { STOP } from "./thread-contract.js";
import type { ProcessCalls, ThreadCalls, ThreadSettings } from "./thread-contract.js";
import { createWorkflowUrls } from "./workflow-urls.js";

/** Calls have bounds of their own in the thread; this one is for a thread that does not answer at all. */
const CALL_MS_MAX = 10_000;
/** Longer than its worker lets activities end. */
const STOP_MS_MAX = 40_000;

export interface TemporalThreadOptions extends ThreadSettings {
  /** Base URL of the Temporal Web UI; `null`: deliveries carry no link. */
  uiUrl: string | null;
  log: Log;
}

export class TemporalThread {
  /** Commands of people, carried out in the thread. */
  readonly engine: Engine;
  /** Resolves when the worker polls for the first time. */
  readonly polling: Promise<void>;
  readonly #thread: Worker;
  readonly #calls: BirpcReturn<ThreadCalls, ProcessCalls>;
  #work: ActivityWork | null = null;
  #isStopping = false;

  constructor(options: TemporalThreadOptions) {
    const { uiUrl, log, ...settings } = options;
    this.#thread = startThread(settings);
    // As anywhere else in the process: what nobody has caught ends it.
    this.#thread.on("error", (error: unknown) => {
      if (!this.#isStopping) throw error;
    });
    let markPolling = (): void => undefined;
    this.polling = new Promise((resolve) => (markPolling = resolve));
    this.#calls = createBirpc<ThreadCalls, ProcessCalls>(
      {
        ...this.#activityCalls(),
        log: (level, fields, message, cause) => {
          if (level === "error") log.error(fields, message, cause === undefined ? undefined : opened(cause));
          else log[level](fields, message);
        },
        polling: () => markPolling(),
      },
      {
        post: (message) => this.#thread.postMessage(message),
        on: (listener) => void this.#thread.on("message", listener),
        serialize: packError,
        deserialize: unpackError,
        timeout: CALL_MS_MAX,
        onTimeoutError: () => {
          throw new PosthornError("engine_unavailable");
        },
      },
    );
    this.engine = {
      resend: (delivery, commandId) => this.#calls.resend(delivery, commandId),
      cancelDelivery: (delivery, commandId, reason) => this.#calls.cancelDelivery(delivery, commandId, reason),
      cancelScheduled: (eventId, commandId) => this.#calls.cancelScheduled(eventId, commandId),
      startOperation: (operation) => this.#calls.startOperation(operation),
      sweep: () => this.#calls.sweep(),
      isRunning: (workflowId) => this.#calls.isRunning(workflowId),
      ping: () => this.#calls.ping(),
      workflowUrl: createWorkflowUrls(settings.namespace, uiUrl),
    };
  }

  /** Lets the worker begin: from now on activities are called. */
  serve(work: ActivityWork): void {
    this.#work = work;
    void this.#calls.serve.asEvent();
  }

  /** Starts one workflow for these events; rejects with `engine_unavailable`, or as Temporal refuses. */
  start(events: readonly Dispatchable[]): Promise<void> {
    return this.#calls.start(events);
  }

  /** Takes no more tasks, lets activities end within bounds, and ends the thread. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const over = new Promise<void>((resolve) => this.#thread.once("exit", () => resolve()));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_MS_MAX)));
    this.#thread.postMessage(STOP);
    await Promise.race([over, late]);
    clearTimeout(timer);
    this.#calls.$close(new PosthornError("engine_unavailable"));
    await this.#thread.terminate();
  }

  #activityCalls(): ActivityWork {
    const work = (): ActivityWork => {
      if (this.#work === null) throw new Error("the worker was not told to begin");
      return this.#work;
    };
    return {
      dispatchEvents: (input) => work().dispatchEvents(input),
      adoptDeliveries: (input) => work().adoptDeliveries(input),
      attemptDeliveries: (input) => work().attemptDeliveries(input),
      cancelDeliveries: (input) => work().cancelDeliveries(input),
      cancelScheduled: (input) => work().cancelScheduled(input),
      operationPage: (input) => work().operationPage(input),
      isRetryUnderway: (page) => work().isRetryUnderway(page),
      sweepOnce: () => work().sweepOnce(),
    };
  }
}

/** From the compiled file, or, where the process runs from the sources, through the loader that it runs with itself. */
function startThread(settings: ThreadSettings): Worker {
  const isBuilt = import.meta.url.endsWith(".js");
  if (isBuilt) return new Worker(new URL("./thread.js", import.meta.url), { workerData: settings });
  const [loader, entry] = [import.meta.resolve("tsx/esm/api"), new URL("./thread.ts", import.meta.url).href];
  const run = `import(${JSON.stringify(loader)}).then(({ register }) => (register(), import(${JSON.stringify(entry)})))`;
  return new Worker(run, { eval: true, workerData: settings });
}
