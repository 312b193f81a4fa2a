/** One process of Posthorn: API, worker or both, on a given store and Temporal. */
import { NO_HEAD_START } from "../api/publishing/no-head-start.js";
import { randomUUID } from "node:crypto";
import { createActivityWork } from "../activities/activity-work.js";
import { EndpointWatch } from "../activities/endpoint-watch.js";
import { DEFAULT_SLOT_LIMITS, EndpointSlots } from "../activities/endpoint-slots.js";
import { FirstAttempts } from "../activities/first-attempts.js";
import { Lots } from "../activities/lots.js";
import { Orphans } from "../activities/orphans.js";
import type { ActivityPorts } from "../activities/ports.js";
import { Probes } from "../activities/probes.js";
import { RecentAttempts } from "../activities/recent-attempts.js";
import { RecordedAttempts } from "../activities/recorded-attempts.js";
import { SweepWakes } from "../activities/sweep-wakes.js";
import { Turns } from "../activities/turns.js";
import type { ApiDeps } from "../api/deps.js";
import { createOperationalEvents } from "../api/operator/operational-events.js";
import type { Log } from "../core/ports.js";
import type { Secret } from "../core/secret.js";
import { createAddressGuard } from "../egress/address-guard.js";
import { customHeaderProblem } from "../egress/custom-headers.js";
import { ownAddresses } from "../egress/own-addresses.js";
import { OwnListeners } from "../egress/own-listeners.js";
import { createResolver } from "../egress/resolver.js";
import { createSender } from "../egress/sender.js";
import { createUrlPolicy } from "../egress/url-policy.js";
import { connectStore } from "../store/connect.js";
import type { Store } from "../store/connect.js";
import type { KeyRing } from "../store/sealing/key-ring.js";
import type { EgressOptions } from "./egress-settings.js";
import { ensureBuiltInApplications } from "./built-in-applications.js";
import { createIdSource } from "./ids.js";
import { IntakeGate } from "./intake-gate.js";
import { openListeners } from "./listeners.js";
import type { ListenAddress } from "./listeners.js";
import { signingSecrets } from "./signing-secrets.js";
import { pooledRandomBytes } from "./random-bytes.js";
import { createMetrics } from "./metrics.js";
import { ProcessRegistry } from "./process-registry.js";
import { portsOfServers } from "./server-ports.js";
import type { TemporalAccess } from "./temporal-settings.js";
import { BatchDispatcher } from "./temporal/dispatcher.js";
import { TemporalThread } from "./temporal/temporal-thread.js";
import { VERSION } from "./version.js";

/** `all`: accepts events and delivers them, with a head start. `api` and `worker`: one of the two; a worker serves its health only. */
export type Role = "all" | "api" | "worker";

export interface ServiceOptions {
  role: Role;
  mongodbUri: string;
  temporalAddress: string;
  temporalNamespace: string;
  temporalAccess: TemporalAccess;
  /** Base URL of the Temporal Web UI, for links; `null`: none. */
  temporalUiUrl: string | null;
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Where else on this machine something listens that no delivery may reach, besides the servers named above. */
  closedPorts: readonly number[];
  /** A port of their own for the metrics; `null`: they are on the other one. */
  metrics: ListenAddress | null;
  publicUrl: string | null;
  adminKey: Secret | null;
  /** See `ApiConfig.trustedProxies`. */
  trustedProxies: readonly string[];
  /** See `ApiConfig.corsOrigins`. */
  corsOrigins: readonly string[];
  /** What secrets and header values are sealed with in the store. */
  encryptionKeys: KeyRing;
  /** Requests of this machine need no key. For `dev` and loopback only. */
  openAccess: boolean;
  /** See `ApiConfig.samplePayloads`. */
  samplePayloads: "everybody" | "admins";
  egress: EgressOptions;
  bodyBytesMax: number;
  batchMax: number;
  log: Log;
}

export interface Service {
  /** Where it listens. */
  url: string;
  /** Where it tells its metrics, if not there. */
  metricsUrl: string | null;
  store: Store;
  /** Resolves when the worker polls for the first time; at once for role `api`. */
  polling: Promise<void>;
  /** Takes no more requests, lets what is in flight end, and closes every connection. */
  stop(): Promise<void>;
}

const DRAIN_MS = 20_000;
const DISPATCH_DRAIN_MS = 5_000;
/** Several endpoints may share an origin: requests wait for their endpoint's slot, not for a socket. */
const CONNECTIONS_PER_ORIGIN = 4 * DEFAULT_SLOT_LIMITS.perEndpoint;
const clock = { now: () => Date.now() };

/** Starts the process's parts and resolves when it is ready: it listens, the worker polls. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { role, log } = options;
  const ids = createIdSource({ now: clock.now, randomBytes: pooledRandomBytes() });
  const store = await connectStore({
    uri: options.mongodbUri,
    encryptionKeys: options.encryptionKeys,
    ids,
    clock,
    log,
  });
  await store.ensureIndexes();
  await ensureBuiltInApplications(store, new Date(clock.now()));

  const temporal = new TemporalThread({
    address: options.temporalAddress,
    namespace: options.temporalNamespace,
    access: options.temporalAccess,
    isWorker: role !== "api",
    uiUrl: options.temporalUiUrl,
    log,
  });
  const { engine } = temporal;
  const metrics = createMetrics();
  const { egress } = options;
  const guard = createAddressGuard({ ...egress, ownAddresses: ownAddresses() });
  const ownListeners = new OwnListeners();
  for (const port of [...portsOfServers(options), ...options.closedPorts]) ownListeners.add(port);
  const urlPolicy = createUrlPolicy({ ...egress, guard, ownUrl: options.publicUrl, ownListeners });
  const sender = createSender({
    ...egress,
    version: VERSION,
    urlPolicy,
    clock,
    guard,
    resolver: createResolver({ guard }),
    ownListeners,
    connectionsPerOrigin: CONNECTIONS_PER_ORIGIN,
  });
  const slots = new EndpointSlots();
  const processId = randomUUID();
  const processes = new ProcessRegistry({
    processes: store.processes,
    clock,
    log,
    id: processId,
    role,
    shared: (share) => slots.setShare(share),
  });
  await processes.join();
  const dispatcher = new BatchDispatcher({
    start: (events) => temporal.start(events),
    log,
    batchMax: options.batchMax,
  });
  const operational = createOperationalEvents({
    stores: store,
    directory: store.directory,
    dispatcher,
    ids,
    clock,
    log,
    metrics,
  });
  const wakes = new SweepWakes({ engine, clock, log });
  const probes: Probes = new Probes(() => ports);
  const ports: ActivityPorts = {
    ...store,
    sender,
    engine,
    operational,
    ids,
    clock,
    random: Math.random,
    log,
    metrics,
    slots,
    turns: new Turns({ rateBuckets: store.rateBuckets, clock, random: Math.random }),
    recent: new RecentAttempts(),
    watch: new EndpointWatch({
      ...{ ...store, operational, clock, log },
      opened: (endpointId, until) => probes.at(endpointId, until),
      closed: () => wakes.at(new Date(clock.now())),
    }),
    wakes,
    probes,
    lots: new Lots(options.batchMax),
    orphans: new Orphans(),
    recorder: new RecordedAttempts(store.deliveries, log),
    batchMax: options.batchMax,
  };
  const firstAttempts = new FirstAttempts(ports, dispatcher, processId);
  const intake = new IntakeGate({ backlog: () => slots.load.waiting });
  metrics.watch({
    intake: () => intake.waiting,
    dispatcher: () => dispatcher.depth,
    headStarts: () => firstAttempts.inFlight,
    operational: () => operational.inFlight,
    operationalRefused: () => operational.refused,
    requestsRunning: () => slots.load.running,
    requestsWaiting: () => slots.load.waiting,
    processes: () => processes.count,
    limits: () => slots.own,
  });

  if (role !== "api") temporal.serve(createActivityWork(ports, firstAttempts));

  const health = { store: () => store.ping(), engine: () => engine.ping(), metricsText: () => metrics.text() };
  const deps: ApiDeps = {
    stores: store,
    directory: store.directory,
    engine,
    // Role `api` accepts only: the worker's process makes the first attempts.
    headStarts: role === "all" ? firstAttempts : NO_HEAD_START,
    intake,
    operational,
    dispatcher,
    ids,
    clock,
    log,
    metrics,
    urlPolicy,
    sender,
    customHeaderProblem,
    secrets: signingSecrets,
    config: {
      bodyBytesMax: options.bodyBytesMax,
      publicUrl: options.publicUrl ?? `http://${options.host}:${options.port}`,
      openAccess: options.openAccess ? "loopback-admin" : "closed",
      adminKey: options.adminKey,
      trustedProxies: options.trustedProxies,
      corsOrigins: options.corsOrigins,
      version: VERSION,
      samplePayloads: options.samplePayloads,
    },
    health,
  };
  const stopParts = async (): Promise<void> => {
    wakes.close();
    await Promise.all([probes.close(DRAIN_MS), firstAttempts.close(DRAIN_MS)]);
    await dispatcher.close(DISPATCH_DRAIN_MS);
    await temporal.stop();
    await processes.leave();
    await ports.watch.close();
    await sender.close();
    await store.close();
  };
  try {
    const listeners = await openListeners(deps, { ...options, isApi: role !== "worker", ownListeners });
    return {
      url: listeners.url,
      metricsUrl: listeners.metricsUrl,
      store,
      polling: role === "api" ? Promise.resolve() : temporal.polling,
      stop: async () => {
        await listeners.close();
        await stopParts();
      },
    };
  } catch (error) {
    await stopParts();
    throw error;
  }
}
