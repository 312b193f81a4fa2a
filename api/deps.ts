/** What the API needs from the rest: interfaces of `core/ports.ts` and a few settings. */
import type {
  Clock,
  Dispatcher,
  Engine,
  HeadStarts,
  IdSource,
  Log,
  Metrics,
  OperationalEvents,
  Sender,
  UrlPolicy,
} from "../core/ports.js";
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
} from "../core/store-ports.js";
import type { WireProfile } from "../core/model.js";
import type { Secret } from "../core/secret.js";

export interface ApiStores {
  applications: ApplicationStore;
  endpoints: EndpointStore;
  eventTypes: EventTypeStore;
  events: EventStore;
  deliveries: DeliveryStore;
  attempts: AttemptStore;
  apiKeys: ApiKeyStore;
  audit: AuditStore;
}

/** Signing secrets: `whsec_` and base64 of 24 to 64 bytes (Standard Webhooks), or a key of the profile `metriport`. */
export interface SigningSecrets {
  generate(profile: WireProfile): string;
  /** The canonical text of an imported secret, or what is wrong with it. */
  parse(text: string, profile: WireProfile): { ok: true; key: string } | { ok: false; problem: string };
  /** A new `whsk_` key, for `v1a`. */
  generatePrivateKey(): Secret;
  /** The `whpk_` key that belongs to it. */
  publicKeyOf(privateKey: Secret): string;
}

/** The door through which published events come in. */
export interface Intake {
  /**
   * Whether and when so many events may be written; the answer is called when they are, or when that has failed. At once
   * unless the process has more to do than it can, and after 5 s in any case.
   *
   * @throws `overloaded` if 1,000 requests wait already
   */
  enter(events: number): (() => void) | Promise<() => void>;
}

/** What procedures work with. */
export interface ApiServices {
  stores: ApiStores;
  directory: EndpointDirectory;
  engine: Engine;
  headStarts: HeadStarts;
  intake: Intake;
  /** For what callers do to endpoints; activities tell the rest. */
  operational: OperationalEvents;
  dispatcher: Dispatcher;
  ids: IdSource;
  clock: Clock;
  log: Log;
  metrics?: Metrics | undefined;
  urlPolicy: UrlPolicy;
  /** For pings and samples, which are no deliveries. */
  sender: Sender;
  /** What forbids this custom header, in words; `null` if nothing does. */
  customHeaderProblem: (name: string, value: string) => string | null;
  secrets: SigningSecrets;
}

export interface ApiConfig {
  /** Largest request body, at most `LIMITS.bodyBytesCeiling`. */
  bodyBytesMax: number;
  /** Where callers reach this process, without a slash at the end; shown in `/openapi.json`. */
  publicUrl: string;
  /** `loopback-admin`: requests from this machine without a key act as admin. For `dev` only. */
  openAccess: "loopback-admin" | "closed";
  adminKey: Secret | null;
  /**
   * Proxies in front of this process, as addresses and CIDR ranges: their `X-Forwarded-For` says who a client is.
   * @default none
   */
  trustedProxies?: readonly string[] | undefined;
  /**
   * Origins whose pages may call `/v1` and `/trpc` from a browser, exactly as browsers send them, such as
   * `https://admin.example.com`.
   * @default none
   */
  corsOrigins?: readonly string[] | undefined;
  version: string;
  /** Who may post a sample to the webhook of Metriport's settings, without anything being stored. */
  samplePayloads: "everybody" | "admins";
  /**
   * How long resend and cancel wait at most for their result.
   * @default 25000
   */
  settleMsMax?: number | undefined;
}

export interface ApiHealth {
  /** Rejects while MongoDB does not answer. */
  store(): Promise<void>;
  /** Rejects while Temporal does not answer. */
  engine(): Promise<void>;
  /** Metrics in Prometheus' text form; without it `/metrics` does not exist here. */
  metricsText?: (() => Promise<string>) | undefined;
}

export interface ApiDeps extends ApiServices {
  config: ApiConfig;
  health: ApiHealth;
}
