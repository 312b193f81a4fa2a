/** What Posthorn remembers, as plain values. Absent is `null`, times are `Date`, ids are texts of `ids.ts`. */
import type { EndpointHealth } from "./endpoint-health.js";
import type { OutcomeClass } from "./outcome.js";
import type { RateLimit } from "./rate-limit.js";
import type { RetryPolicy } from "./retry.js";
import type { Scope } from "./scopes.js";
import type { Secret } from "./secret.js";

export type Metadata = Readonly<Record<string, string>>;

export interface Application {
  id: string;
  /** The caller's own name for it, unique in the installation. */
  uid: string | null;
  name: string;
  metadata: Metadata;
  /** What Metriport's settings routes remember beside the endpoint; `null` until they are used for the first time. */
  metriport: MetriportSettings | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface MetriportSettings {
  /** Medical record filters: kept and answered, without a meaning here. */
  mrFilters: readonly unknown[] | null;
}

export type WireProfile = "standard" | "svix" | "metriport";
export type EndpointStatus = "active" | "paused" | "disabled";
/**
 * Why an endpoint is not active: a person did it, the receiver answered 410, it has failed for days, or Metriport's
 * settings have no URL.
 */
export type EndpointStatusReason = "manual" | "gone" | "failing" | "cleared";
/** Whether a 4xx is retried on the schedule or ends the delivery. */
export type ClientErrors = "retry" | "fail";
/** Which of two events that tell the same (a group's and a member's) an endpoint takes. */
export type PairedEvents = "both" | "group" | "granular";
/** What an event is in such a pair. */
export type PairRole = "group" | "granular";

/** What the last request or ping said about a `metriport` receiver. It stops nothing. */
export interface ReceiverState {
  healthy: boolean;
  /** `OK`, or what went wrong, in words; at most 2048 characters. */
  detail: string;
}

export interface SigningSecret {
  /** `whsec_` and base64 (Standard Webhooks 1.0); with the profile `metriport` the key as it is sent. */
  key: Secret;
  createdAt: Date;
  /** When a rotated secret stops signing; `null` for the current one. */
  expiresAt: Date | null;
}

export interface Endpoint {
  id: string;
  applicationId: string;
  uid: string | null;
  url: string;
  description: string;
  eventTypes: readonly string[];
  channels: readonly string[];
  /** Reading a value from the store whose encryption key is not there throws `internal`. */
  headers: Readonly<Record<string, string>>;
  metadata: Metadata;
  profile: WireProfile;
  retryPolicy: RetryPolicy;
  /** What goes beyond it waits for its turn; `null`: no limit. */
  rateLimit: RateLimit | null;
  clientErrors: ClientErrors;
  timeoutMs: number;
  status: EndpointStatus;
  statusReason: EndpointStatusReason | null;
  pairedEvents: PairedEvents;
  /** Profile `metriport`: any 2xx answers a ping. */
  skipPong: boolean;
  /** Profile `metriport` only; `null` until something was sent. */
  receiver: ReceiverState | null;
  health: EndpointHealth;
  /** Newest first; the first is the current one. */
  secrets: readonly SigningSecret[];
  /** Private keys for `v1a`, `whsk_` and base64, in the same order; empty: requests are signed with `secrets` alone. */
  asymmetricKeys: readonly SigningSecret[];
  createdAt: Date;
  updatedAt: Date;
}

export interface EventType {
  applicationId: string;
  name: string;
  description: string;
  schema: Readonly<Record<string, unknown>> | null;
  example: Readonly<Record<string, unknown>> | null;
  group: string | null;
  archived: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/**
 * `accepted`: on disk, nobody has dispatched it yet. `scheduled`: waits for `deliverAt`. `dispatched`: every delivery is
 * final or has a workflow. `cancelled`: stopped before it was dispatched.
 */
export type EventState = "accepted" | "scheduled" | "dispatched" | "cancelled";

/** Who alone may make first attempts, and until when. */
export interface HeadStart {
  processId: string;
  until: Date;
}

export interface WebhookEvent {
  id: string;
  applicationId: string;
  /** The publisher's idempotency key. */
  eventId: string | null;
  eventType: string;
  channels: readonly string[];
  metadata: Metadata;
  contentType: string;
  /** The bytes that are signed and sent, on every attempt. */
  payload: Uint8Array;
  /** SHA-256 over type, content type and payload, hex: tells a repeat from a conflict. */
  contentHash: string;
  endpointIds: readonly string[] | null;
  /** `null`: it tells something that no other event tells. */
  pairRole: PairRole | null;
  /** A test event; its automatic attempts have the trigger `test`. */
  test: boolean;
  deliverAt: Date | null;
  state: EventState;
  headStart: HeadStart | null;
  createdAt: Date;
}

/** An event without its payload, for lists. */
export type EventSummary = Omit<WebhookEvent, "payload" | "contentHash" | "headStart"> & { payloadBytes: number };

export type DeliveryStatus = "pending" | "retrying" | "delivered" | "failed" | "cancelled" | "held";

export interface Delivery {
  id: string;
  applicationId: string;
  eventId: string;
  endpointId: string;
  eventType: string;
  status: DeliveryStatus;
  /** Attempts recorded, manual ones included. */
  attemptCount: number;
  /** Attempts of the schedule recorded: how far the schedule is used up. */
  scheduledAttemptCount: number;
  nextAttemptAt: Date | null;
  lastAttemptAt: Date | null;
  lastOutcome: OutcomeClass | null;
  lastStatusCode: number | null;
  /** The workflow that owns it, or did last. */
  workflowId: string | null;
  /** Why it is failed, cancelled or held, in words. */
  reason: string | null;
  test: boolean;
  createdAt: Date;
  updatedAt: Date;
}

export type AttemptTrigger = "scheduled" | "manual" | "test";

export interface Attempt {
  id: string;
  applicationId: string;
  deliveryId: string;
  eventId: string;
  endpointId: string;
  eventType: string;
  /** 1 for the first of its delivery. */
  number: number;
  trigger: AttemptTrigger;
  url: string;
  startedAt: Date;
  durationMs: number;
  statusCode: number | null;
  outcome: OutcomeClass;
  /** What went wrong, in words; `null` for `ok`. */
  error: string | null;
  /** What the owner of the receiver can do about it, as it was known then; `null` for `ok`. */
  remedy: string | null;
  /** At most 16 KiB of the answer, as text. */
  responseBody: string | null;
  responseTruncated: boolean;
  /** The command that asked for a manual attempt. */
  commandId: string | null;
}

/** `admin` keys see every application, others exactly one. */
export interface ApiKey {
  /** The public part, which finds the row. */
  id: string;
  name: string;
  /** `null`: an admin key. */
  applicationId: string | null;
  /** What it may do; `null`: everything. */
  scopes: readonly Scope[] | null;
  /** Requests a second in each process; `null`: as many as come. */
  rateLimitPerSecond: number | null;
  /** SHA-256 of the whole key, hex. */
  hash: string;
  last4: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To the minute; a use may be missing. */
  lastUsedAt: Date | null;
}

/** One change that somebody made through the API, or one secret that was read. */
export interface AuditEntry {
  id: string;
  /** `null`: it concerns no single application. */
  applicationId: string | null;
  at: Date;
  /**
   * The API key that asked; `admin-key`: the operator's, `open-access`: this machine without a key, `command-line`: the
   * `posthorn` command.
   */
  keyId: string;
  /** Also in the answer and in the log; empty for the command line. */
  requestId: string;
  /** The procedure, such as `endpoints.update`. */
  action: string;
  targetIds: readonly string[];
  /** The fields that changed, as they were; never a secret, a header value or a key. Shortened to a few kilobytes. */
  before: Readonly<Record<string, unknown>> | null;
  /** The same fields as they are. `null`: the thing is gone, or nothing is shown of it. */
  after: Readonly<Record<string, unknown>> | null;
  /** The error that was answered although something may have changed; `null`: it succeeded. */
  error: string | null;
}
