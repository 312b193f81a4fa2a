/** Runs workflows and activities, and starts again after a failure of the connection. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import type { WorkflowBundleOption } from "@temporalio/worker";
import type { Activities } from "../../activities/create-activities.js";
import type { Log } from "../../core/ports.js";
import { TASK_QUEUE } from "../../core/workflow-contract.js";
import type { TemporalLink } from "./link.js";

const RESTART_MS = 1_000;
/**
 * Lanes that wait for hours are most of what is open, and each takes memory. The SDK's own number follows from the size of
 * the heap, about 2,300 on a large machine; a lane that is not here any more is read again when it wakes.
 */
const CACHED_WORKFLOWS_MAX = 150;
/** Longer than the longest request to a receiver. */
const SHUTDOWN_GRACE_MS = 35_000;

/** Sends the SDK's warnings to our log; once per process, before anything else of Temporal. */
export function installTemporalLog(log: Log): void {
  Runtime.install({
    logger: new DefaultLogger("WARN", (entry) => {
      const fields = { workflowId: text(entry.meta?.workflowId), detail: text(entry.meta?.error) };
      log.warn(fields, `temporal: ${entry.message}`);
    }),
    shutdownSignals: [],
  });
}

function text(value: unknown): string | undefined {
  if (value instanceof Error) return `${value.name}: ${value.message}`.slice(0, 500);
  return typeof value === "string" ? value : undefined;
}

/** The bundle that `npm run build` made, or one made now from the sources. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const built = fileURLToPath(new URL("../../workflow-bundle.js", import.meta.url));
  if (existsSync(built)) return { codePath: built };
  const source = new URL("../../workflows/index.ts", import.meta.url);
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(source), logger: new DefaultLogger("ERROR") });
}

export interface WorkerOptions {
  link: TemporalLink;
  activities: Activities;
  bundle: WorkflowBundleOption;
  log: Log;
}

export class WorkerRunner {
  #worker: Worker | null = null;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #markReady: () => void = () => undefined;
  /** Resolves when the worker polls for the first time. */
  readonly ready: Promise<void>;

  constructor(private readonly options: WorkerOptions) {
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    this.#done = this.#run();
  }

  /** Lets activities in flight end, at most {@link SHUTDOWN_GRACE_MS}. */
  async stop(): Promise<void> {
    this.#abort.abort();
    if (this.#worker?.getState() === "RUNNING") this.#worker.shutdown();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { link, log } = this.options;
    const stopped = aborted(this.#abort.signal);
    stopped.catch(() => undefined);
    while (!this.#isStopping()) {
      try {
        // Temporal may never have been there: then there is nothing to wait for.
        const { connection } = await Promise.race([link.whenConnected(), stopped]);
        if (this.#isStopping()) return;
        this.#worker = await this.#create(connection);
        const running = this.#worker.run();
        this.#markReady();
        if (this.#isStopping()) this.#worker.shutdown();
        await running;
      } catch (error) {
        if (this.#isStopping()) return;
        log.error({}, "worker.failed", error);
        await sleep(RESTART_MS);
      }
    }
  }

  #isStopping(): boolean {
    return this.#abort.signal.aborted;
  }

  #create(connection: Awaited<ReturnType<TemporalLink["whenConnected"]>>["connection"]): Promise<Worker> {
    return Worker.create({
      connection,
      namespace: this.options.link.namespace,
      taskQueue: TASK_QUEUE,
      workflowBundle: this.options.bundle,
      activities: this.options.activities,
      maxConcurrentWorkflowTaskExecutions: 200,
      maxConcurrentLocalActivityExecutions: 200,
      maxConcurrentActivityTaskExecutions: 200,
      workflowThreadPoolSize: 2,
      maxCachedWorkflows: CACHED_WORKFLOWS_MAX,
      shutdownGraceTime: SHUTDOWN_GRACE_MS,
    });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
  });
}
