/**
 * What the parts ask of each other. `store`, `egress` and `runtime` implement these; `api` and `activities` know nothing
 * else. Every method that reaches a server rejects with `store_unavailable` or `engine_unavailable` within its bound.
 */
import type { Attempt, Delivery, HeadStart, SigningSecret, WebhookEvent, WireProfile } from "./model.js";
import type { IdKind } from "./ids.js";
import type { LogFields } from "./log-fields.js";
import type { OperationalEvent } from "./operational-events.js";
import type { OutcomeClass } from "./outcome.js";
import type { Dispatchable } from "./store-ports.js";

export interface Clock {
  now(): number;
}

export interface IdSource {
  /** A new id; ids of one process ascend strictly. */
  next(kind: Exclude<IdKind, "delivery">): string;
  /** The smallest id of that kind at that time: ids created at or after it are not smaller. */
  floor(kind: IdKind, atMs: number): string;
  /** When the id was made, in ms since 1970. */
  timeOf(id: string): number;
}

export interface OutgoingRequest {
  url: string;
  payload: Uint8Array;
  contentType: string;
  /** The event's id: `webhook-id`. */
  eventId: string;
  eventType: string;
  /** When the event was accepted. */
  createdAt: Date;
  profile: WireProfile;
  /** Secrets that sign now, newest first. */
  secrets: readonly SigningSecret[];
  /** Private keys that sign beside them, newest first. */
  asymmetricKeys: readonly SigningSecret[];
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** What came of one request. */
export interface SendResult {
  startedAt: Date;
  durationMs: number;
  outcome: OutcomeClass;
  statusCode: number | null;
  /** In words, without addresses of blocked targets; `null` for `ok`. */
  error: string | null;
  responseBody: string | null;
  responseTruncated: boolean;
  /** The receiver's `Retry-After`, as sent. */
  retryAfter: string | null;
}

export interface Sender {
  /** One POST, signed now. Never rejects: whatever happens is a result, at the latest `timeoutMs` after the call. */
  send(request: OutgoingRequest): Promise<SendResult>;
}

/** Checks a URL before it is stored and before each attempt; the connect-time guard has the last word. */
export interface UrlPolicy {
  check(url: string): { ok: true } | { ok: false; problem: string };
}

/** First attempts in the process that accepted an event. */
export interface HeadStarts {
  /**
   * What to write into a new event: `null` where this process gives no head start now. What the first attempts need to know
   * of the application is read while the event is on its way to the disk.
   */
  claim(applicationId: string, payloadBytes: number): HeadStart | null;
  /** Begins the first attempts of an event that is on disk and starts its workflow after them. `false`: it has no head start here. */
  begin(event: WebhookEvent): boolean;
}

/** Tells operators what happened, through the endpoints of the application `operator`. */
export interface OperationalEvents {
  /**
   * Resolves when the event is on disk; telling it again changes nothing. Does nothing for what concerns the application
   * `operator` itself. Rejects with `store_unavailable`.
   */
  tell(event: OperationalEvent): Promise<void>;
}

/** `soon`: all is done, and the workflow notes it. `now`: somebody waits for what it does. */
export type Haste = "now" | "soon";

/** Starts the workflows of accepted events; never blocks and never throws. */
export interface Dispatcher {
  /** @param haste `now` unless said otherwise */
  dispatch(event: Dispatchable, haste?: Haste): void;
}

/** Commands to workflows. Rejects with `engine_unavailable` if Temporal does not answer. */
export interface Engine {
  resend(delivery: Delivery, commandId: string): Promise<void>;
  /** `reason` is shown with the delivery. */
  cancelDelivery(delivery: Delivery, commandId: string, reason: string): Promise<void>;
  /** Ends the wait of an event with `deliverAt`. */
  cancelScheduled(eventId: string, commandId: string): Promise<void>;
  /**
   * Releases or cancels what an endpoint held, cancels what a deleted endpoint left, or sends what failed or waits for a
   * retry again, oldest first.
   */
  startOperation(operation: {
    operationId: string;
    kind: "release" | "cancel" | "cancel-held" | "retry";
    endpointId: string;
    reason: string;
  }): Promise<void>;
  /**
   * Where a person sees the workflow of a delivery: the one that owns it, or, while none does, the search for its event's
   * workflow. `null` without a Web UI.
   */
  workflowUrl(delivery: Pick<Delivery, "workflowId" | "eventId">): string | null;
  /** Runs the sweep now rather than at its next turn, also beside one that has not ended. */
  sweep(): Promise<void>;
  /** Whether a run with that id is open; for the sweep. */
  isRunning(workflowId: string): Promise<boolean>;
  /** Rejects unless Temporal answers within 2 s. */
  ping(): Promise<void>;
}

export interface Log {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string, cause?: unknown): void;
  debug(fields: LogFields, message: string): void;
}

export interface Metrics {
  eventsAccepted(count: number): void;
  attemptMade(outcome: OutcomeClass, trigger: Attempt["trigger"]): void;
  /** From acceptance to the 2xx of a first attempt. */
  delivered(latencyMs: number): void;
  /** A request with a wrong key. */
  authRefused(): void;
}
