/**
 * Workflows and activities as they are, on a Temporal server that skips time: a schedule of days takes seconds. The store
 * is real, the receivers are a script.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { TestWorkflowEnvironment } from "@temporalio/testing";
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { createActivityWork } from "../../activities/activity-work.js";
import { createActivities } from "../../activities/create-activities.js";
import type { Activities } from "../../activities/create-activities.js";
import { EndpointWatch } from "../../activities/endpoint-watch.js";
import { EndpointSlots } from "../../activities/endpoint-slots.js";
import type { ActivityPorts } from "../../activities/ports.js";
import { Lots } from "../../activities/lots.js";
import { Orphans } from "../../activities/orphans.js";
import { RecentAttempts } from "../../activities/recent-attempts.js";
import { RecordedAttempts } from "../../activities/recorded-attempts.js";
import { Turns } from "../../activities/turns.js";
import { deliveryIdOf } from "../../core/ids.js";
import type { Attempt, Delivery, Endpoint, WebhookEvent } from "../../core/model.js";
import type { OutcomeClass } from "../../core/outcome.js";
import type { Log, Metrics, OutgoingRequest, OperationalEvents } from "../../core/ports.js";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.js";
import { TASK_QUEUE } from "../../core/workflow-contract.js";
import { createIdSource } from "../../runtime/ids.js";
import { readConfig } from "../../runtime/config.js";
import { provisionTimeSkippingServer } from "../../runtime/stack/index.js";
import { connectStore } from "../../store/connect.js";
import type { Store } from "../../store/connect.js";
import { TEST_KEYS } from "./key-ring.js";
import { mongoUriForTests } from "./mongo.js";
import { sampleEndpoint, sampleEvent } from "./samples.js";

export interface Scripted {
  outcome: OutcomeClass;
  statusCode?: number;
  retryAfter?: string;
}

Runtime.install({ logger: new DefaultLogger("ERROR") });

const UNTOLD: OperationalEvents = { tell: () => Promise.resolve() };
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };
/** One bundle for all tests of a file; a server each, since this one stops skipping after a child outlives its parent. */
let bundle: ReturnType<typeof bundleWorkflowCode> | undefined;

const UNCOUNTED: Metrics = {
  eventsAccepted: () => undefined,
  attemptMade: () => undefined,
  delivered: () => undefined,
  authRefused: () => undefined,
};

export class VirtualTime {
  readonly requests: (OutgoingRequest & { atMs: number })[] = [];
  /** What the receiver answers; asked for each request. */
  answer: (request: OutgoingRequest, index: number) => Scripted = () => ({ outcome: "ok", statusCode: 200 });
  readonly applicationId: string;
  readonly #ids;

  private constructor(
    readonly env: TestWorkflowEnvironment,
    readonly store: Store,
    private readonly clock: { nowMs: number },
    private readonly running: { worker: Worker | null; done: Promise<void> | null; batchMax: number },
  ) {
    this.#ids = createIdSource({ now: () => this.clock.nowMs, randomBytes });
    this.applicationId = this.#ids.next("application");
  }

  /** @param options.batchMax deliveries in one lane and events in one batch. @default 200 */
  static async start(options: { batchMax?: number } = {}): Promise<VirtualTime> {
    const read = readConfig(process.env);
    if (!read.ok) throw new Error(read.problems.join("\n"));
    const server = await provisionTimeSkippingServer({
      cacheDir: read.config.POSTHORN_CACHE_DIR,
      report: () => undefined,
    });
    const env = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: "existing-path", path: server.path } },
    });
    await env.connection.operatorService.addSearchAttributes({
      namespace: env.namespace ?? "default",
      searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map((it) => [it.name, it.type === "Keyword" ? 2 : 7])),
    });
    const clock = { nowMs: await env.currentTimeMs() };
    const { uri } = await mongoUriForTests();
    const store = await connectStore({
      uri,
      databaseName: `virtual_${randomUUID().slice(0, 8)}`,
      encryptionKeys: TEST_KEYS,
      ids: createIdSource({ now: () => clock.nowMs, randomBytes }),
      clock: { now: () => clock.nowMs },
    });
    await store.ensureIndexes();
    const time = new VirtualTime(env, store, clock, { worker: null, done: null, batchMax: options.batchMax ?? 200 });
    await time.#startWorker();
    return time;
  }

  async #startWorker(): Promise<void> {
    bundle ??= bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL("../../workflows/index.ts", import.meta.url)),
      logger: new DefaultLogger("ERROR"),
    });
    const worker = await Worker.create({
      connection: this.env.nativeConnection,
      namespace: this.env.namespace ?? "default",
      taskQueue: TASK_QUEUE,
      workflowBundle: await bundle,
      activities: this.#activities(),
    });
    this.running.worker = worker;
    this.running.done = worker.run();
  }

  #activities(): Activities {
    const { store } = this;
    const ports: ActivityPorts = {
      ...store,
      // The sweep is run by those tests that are about it.
      wakes: { at: () => undefined },
      probes: { begin: () => undefined },
      lots: new Lots(200),
      orphans: new Orphans(),
      sender: {
        send: (request) => {
          const index = this.requests.length;
          this.requests.push({ ...request, atMs: this.clock.nowMs });
          const scripted = this.answer(request, index);
          return Promise.resolve({
            startedAt: new Date(this.clock.nowMs),
            durationMs: 1,
            outcome: scripted.outcome,
            statusCode: scripted.statusCode ?? null,
            error: scripted.outcome === "ok" ? null : `scripted ${scripted.outcome}`,
            responseBody: null,
            responseTruncated: false,
            retryAfter: scripted.retryAfter ?? null,
          });
        },
      },
      engine: {
        resend: () => Promise.reject(new Error("not used here")),
        cancelDelivery: () => Promise.reject(new Error("not used here")),
        cancelScheduled: () => Promise.reject(new Error("not used here")),
        startOperation: () => Promise.reject(new Error("not used here")),
        workflowUrl: () => null,
        sweep: () => Promise.resolve(),
        isRunning: async (workflowId) => {
          const handle = this.env.client.workflow.getHandle(workflowId);
          return handle.describe().then(
            (it) => it.status.name === "RUNNING",
            () => false,
          );
        },
        ping: () => Promise.resolve(),
      },
      ids: this.#ids,
      clock: { now: () => this.clock.nowMs },
      random: Math.random,
      log: SILENT,
      metrics: UNCOUNTED,
      slots: new EndpointSlots(),
      turns: new Turns({ rateBuckets: store.rateBuckets, clock: { now: () => this.clock.nowMs }, random: Math.random }),
      operational: UNTOLD,
      recent: new RecentAttempts(),
      watch: new EndpointWatch({
        endpoints: store.endpoints,
        directory: store.directory,
        operational: UNTOLD,
        clock: { now: () => this.clock.nowMs },
        log: SILENT,
      }),
      recorder: new RecordedAttempts(store.deliveries, SILENT),
      batchMax: this.running.batchMax,
    };
    const real = createActivities(createActivityWork(ports, { has: () => false, adopt: () => undefined }));
    const atServerTime =
      <Args extends unknown[], R>(work: (...args: Args) => Promise<R>) =>
      async (...args: Args): Promise<R> => {
        this.clock.nowMs = await this.env.currentTimeMs();
        return work(...args);
      };
    return {
      dispatchEvents: atServerTime(real.dispatchEvents),
      adoptDeliveries: atServerTime(real.adoptDeliveries),
      attemptDeliveries: atServerTime(real.attemptDeliveries),
      cancelDeliveries: atServerTime(real.cancelDeliveries),
      cancelScheduled: atServerTime(real.cancelScheduled),
      operationPage: atServerTime(real.operationPage),
      isRetryUnderway: atServerTime(real.isRetryUnderway),
      sweepOnce: atServerTime(real.sweepOnce),
    };
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  #identity(kind: "endpoint" | "event"): { id: string; applicationId: string; now: Date } {
    return { id: this.#ids.next(kind), applicationId: this.applicationId, now: new Date(this.clock.nowMs) };
  }

  async newEndpoint(change: Partial<Endpoint> = {}): Promise<Endpoint> {
    this.clock.nowMs = await this.env.currentTimeMs();
    const endpoint = sampleEndpoint(this.#identity("endpoint"), change);
    await this.store.endpoints.insert(endpoint);
    this.store.directory.invalidate(this.applicationId);
    return endpoint;
  }

  /** An event for exactly these endpoints. */
  async newEvent(endpoints: readonly Endpoint[], change: Partial<WebhookEvent> = {}): Promise<WebhookEvent> {
    this.clock.nowMs = await this.env.currentTimeMs();
    const endpointIds = endpoints.map((it) => it.id);
    const event = sampleEvent(this.#identity("event"), { endpointIds, ...change });
    await this.store.events.insert(event);
    return event;
  }

  async delivery(event: WebhookEvent, endpoint: Endpoint): Promise<Delivery> {
    const found = await this.store.deliveries.find(this.applicationId, deliveryIdOf(event.id, endpoint.id));
    if (found === null) throw new Error("no such delivery");
    return found;
  }

  async attempts(event: WebhookEvent, endpoint: Endpoint): Promise<Attempt[]> {
    return this.store.attempts.ofDelivery(deliveryIdOf(event.id, endpoint.id), 100);
  }

  async stop(): Promise<void> {
    this.running.worker?.shutdown();
    await this.running.done;
    await this.env.teardown();
    await this.store.close();
  }
}
