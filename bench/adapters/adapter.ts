/**
 * What the benchmark asks of a product. Posthorn's adapter is `posthorn.ts`; README.md says how to write one for another.
 * Methods that belong to a capability are called only if the adapter names it; without it, scenarios that need it are
 * skipped with that reason.
 */
import type { Cleanup } from "../cleanup.js";
import type { PublishPlan } from "../load/job.js";
import type { ProcessGroup } from "../measure/processes.js";

/**
 * `control`: the benchmark starts the product itself, as often as it likes, with settings and fresh data. `settings`: it
 * knows Posthorn's settings by name. `batch`: several events in one request. `pause`: endpoints can be held and resumed.
 * `lists`: deliveries can be counted and lists read. `retrySchedule`: endpoints take a schedule of their own. `workflows`:
 * its workflows can be counted. `split`: it can accept in one process and deliver in others.
 */
export type Capability = "control" | "settings" | "batch" | "pause" | "lists" | "retrySchedule" | "workflows" | "split";

export interface Adapter {
  name: string;
  capabilities: ReadonlySet<Capability>;
  /** The header, in lower case, that carries the id which publishing answered. */
  idHeader: string;
  /** Ready for load. Without `control`: the one that runs, the same every time. */
  start(options: StartOptions): Promise<Target>;
}

export interface StartOptions {
  /** For data that is thrown away. Exists and is empty. */
  dataDir: string;
  /** Of the product, by name; an adapter that does not know one refuses it. */
  settings: Readonly<Record<string, string>>;
  /** Capability `split`: the process that accepts delivers nothing. */
  isSplit: boolean;
  /** Where its processes leave CPU profiles when they end; `null`: none. */
  profileDir: string | null;
  /** Everything that is started is added here, at once. */
  cleanup: Cleanup;
}

/** A product that runs. */
export interface Target {
  /** Versions, servers, number of processes: what a reader of the numbers must know. */
  facts: Readonly<Record<string, string>>;
  /** For CPU and memory; none if they run elsewhere. The product's own processes come first. */
  processes: readonly ProcessGroup[];
  /** A customer of its own: its events go to its endpoints only. */
  createTenant(): Promise<Tenant>;
  /** Whether the product has finished in the background what it was given, in time; `null` if that cannot be known. */
  settled(timeoutMs: number): Promise<boolean | null>;
  /** Capability `workflows`: how many there were of a type since the start. */
  countWorkflows(type: string): Promise<number>;
  /** Warnings and errors of its log so far, by name. */
  problems(): Promise<Readonly<Record<string, number>>>;
  /** Ends it; its data may go. */
  stop(): Promise<void>;
}

export interface EndpointSpec {
  url: string;
  /** Only events of this topic; `null`: all. */
  topic: string | null;
  /** Capability `retrySchedule`: waits before the retries; `null`: the product's own. */
  retrySeconds: readonly number[] | null;
}

export interface Tenant {
  /** Its id. */
  createEndpoint(spec: EndpointSpec): Promise<string>;
  /** Nothing is sent to it any more, retries neither. */
  deleteEndpoint(endpointId: string): Promise<void>;
  /** How to publish events of a topic with a payload of `payload`; more than one a request with capability `batch`. */
  plan(topic: string, payload: Payload, eventsPerRequest: number): PublishPlan;
  /** Capability `pause`: accepts events for the endpoint and holds them. */
  pause(endpointId: string): Promise<void>;
  resume(endpointId: string): Promise<void>;
  /** Capability `lists`: deliveries on record as delivered, counted up to `max`. */
  countDelivered(max: number): Promise<number>;
  /** Capability `lists`: what lists there are, each as a call that reads its first page of `rows`. */
  lists(rows: number): readonly { name: string; read: () => Promise<void> }[];
  /** Removes it, for products that go on running. */
  delete(): Promise<void>;
}

/** A JSON object in two parts; ten digits go between them. */
export interface Payload {
  before: string;
  after: string;
}
