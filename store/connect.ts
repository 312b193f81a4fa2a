import { MongoClient } from "mongodb";
import type { Application } from "../core/model.js";
import { OPERATOR_UID } from "../core/operational-events.js";
import type { Clock, IdSource, Log } from "../core/ports.js";
import type {
  ApiKeyStore,
  ApplicationStore,
  AttemptStore,
  AuditStore,
  DeliveryStore,
  EndpointDirectory,
  EndpointStore,
  EventStore,
  EventTypeStore,
  ProcessStore,
  RateBucketStore,
} from "../core/store-ports.js";
import { createApiKeyStore } from "./api-keys.js";
import { createApplicationStore, ensureApplication } from "./applications.js";
import { createAttemptStore } from "./attempts.js";
import { createAuditStore } from "./audit.js";
import { CLIENT_OPTIONS, DATABASE_OPTIONS } from "./client-options.js";
import { createDeliveryStore } from "./deliveries.js";
import { createEndpointDirectory } from "./directory.js";
import { createEndpointStore } from "./endpoints.js";
import { createEventTypeStore } from "./event-types.js";
import { createEventStore } from "./events.js";
import { withinDeadline } from "./failures.js";
import type { KeyRing } from "./sealing/key-ring.js";
import { createProcessStore } from "./processes.js";
import { createRateBucketStore } from "./rate-buckets.js";
import { createSealedValues } from "./sealing/sealed-values.js";
import type { SealedValues } from "./sealing/sealed-values.js";
import { Sealer } from "./sealing/sealer.js";
import { createIndexes, tablesOf } from "./tables.js";

export interface StoreOptions {
  /** `mongodb://` or `mongodb+srv://`. */
  uri: string;
  /** Wins over the database in the URI; `posthorn` if neither names one. */
  databaseName?: string;
  /** What signing secrets and header values are sealed with. `null`: no endpoint is written, and no sealed value opens. */
  encryptionKeys: KeyRing | null;
  ids: IdSource;
  clock: Clock;
  log?: Log;
  /** Told the name of every command that goes to the server, never what it carries. */
  onCommand?: (command: string) => void;
  /** Endpoints that one application may have. */
  endpointsMax?: number;
}

/** Everything Posthorn remembers. Every call rejects with `store_unavailable` within 5 s if MongoDB is away. */
export interface Store {
  readonly applications: ApplicationStore;
  readonly endpoints: EndpointStore;
  readonly eventTypes: EventTypeStore;
  readonly events: EventStore;
  readonly deliveries: DeliveryStore;
  readonly attempts: AttemptStore;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditStore;
  readonly processes: ProcessStore;
  readonly rateBuckets: RateBucketStore;
  readonly directory: EndpointDirectory;
  readonly sealedValues: SealedValues;
  /** The application with the uid `default`, made if it is missing. */
  ensureDefaultApplication(): Promise<Application>;
  /** The application whose endpoints get operational events, made if it is missing. */
  ensureOperatorApplication(): Promise<Application>;
  /** Creates the indexes that are missing; to be called once before the store is used. */
  ensureIndexes(): Promise<void>;
  /** Resolves when the server answers. */
  ping(): Promise<void>;
  /** What the server says it is, such as `8.0.4`. */
  serverVersion(): Promise<string>;
  /** Waits for the writes that were accepted, then closes the connections. */
  close(): Promise<void>;
}

const DATABASE = "posthorn";

/**
 * Opens the store. It connects at its first use and whenever the server comes back: a process may start before MongoDB
 * does, and answers 503 until then.
 */
export function connectStore(options: StoreOptions): Promise<Store> {
  const { ids, clock, log } = options;
  const client = new MongoClient(options.uri, {
    ...CLIENT_OPTIONS,
    monitorCommands: options.onCommand !== undefined,
  });
  if (options.onCommand !== undefined) {
    const { onCommand } = options;
    client.on("commandStarted", (event) => onCommand(event.commandName));
  }
  if (log !== undefined) logAvailability(client, log);
  const database = client.db(options.databaseName ?? databaseIn(client) ?? DATABASE, DATABASE_OPTIONS);
  const tables = tablesOf(database);
  const sealer = new Sealer({ ring: options.encryptionKeys, log });

  const endpoints = createEndpointStore({
    table: tables.endpoints,
    clock,
    sealer,
    changed: (applicationId) => directory.invalidate(applicationId),
    ...(options.endpointsMax !== undefined && { endpointsMax: options.endpointsMax }),
  });
  const directory = createEndpointDirectory({ endpoints, clock });
  const applications = createApplicationStore({
    tables,
    clock,
    endpointsChanged: (applicationId) => directory.invalidate(applicationId),
  });
  const events = createEventStore({ table: tables.events, ids, clock });
  const deliveries = createDeliveryStore({ deliveries: tables.deliveries, attempts: tables.attempts, ids, clock });

  return Promise.resolve({
    applications,
    endpoints,
    eventTypes: createEventTypeStore({ table: tables.eventTypes, clock }),
    events,
    deliveries,
    attempts: createAttemptStore({ table: tables.attempts, ids }),
    apiKeys: createApiKeyStore(tables.apiKeys),
    audit: createAuditStore({ table: tables.audit, ids }),
    processes: createProcessStore(tables.processes),
    rateBuckets: createRateBucketStore(tables.rateBuckets),
    directory,
    sealedValues: createSealedValues(tables.endpoints, sealer),
    ensureDefaultApplication: () => ensureApplication(applications, "default", { ids, clock }),
    ensureOperatorApplication: () => ensureApplication(applications, OPERATOR_UID, { ids, clock }),
    ensureIndexes: () => createIndexes(database),
    async ping() {
      await withinDeadline(database.command({ ping: 1 }));
    },
    async serverVersion() {
      const info = await withinDeadline(database.command({ buildInfo: 1 }));
      return String(info.version);
    },
    async close() {
      await Promise.all([events.drain(), deliveries.drain()]);
      await client.close();
    },
  });
}

/** The database that the URI names; the driver answers `test` where it names none. */
function databaseIn(client: MongoClient): string | null {
  const { dbName } = client.options;
  return dbName === "test" ? null : dbName;
}

/** One line when the server goes and one when it comes back, however many calls fail in between. */
function logAvailability(client: MongoClient, log: Log): void {
  let available: boolean | null = null;
  client.on("serverHeartbeatSucceeded", () => {
    if (available === false) log.info({}, "MongoDB answers again");
    available = true;
  });
  client.on("serverHeartbeatFailed", () => {
    if (available !== false) log.warn({}, "MongoDB does not answer; publishing is refused until it does");
    available = false;
  });
}
