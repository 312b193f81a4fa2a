/** What the parts ask of the store. Every method rejects with `store_unavailable` within its bound. */
import type { Order } from "./cursor.js";
import type {
  ApiKey,
  Application,
  Attempt,
  AuditEntry,
  Delivery,
  DeliveryStatus,
  Endpoint,
  EndpointStatusReason,
  EventState,
  EventSummary,
  EventType,
  WebhookEvent,
} from "./model.js";
import type { EndpointHealth, StatusNotice } from "./endpoint-health.js";
import type { RateBucket } from "./rate-limit.js";

export interface PageRequest {
  /** 1..250. */
  limit: number;
  order: Order;
  /** The id after which the page begins, exclusive; `null` for the first page. */
  after: string | null;
}

export interface Page<Row> {
  rows: Row[];
  /** The id to continue after; `null` at the end. */
  next: string | null;
}

/** Half-open window of creation times. */
export interface TimeWindow {
  from: Date | null;
  until: Date | null;
}

export type Inserted<Row> = { kind: "inserted"; row: Row } | { kind: "taken"; field: "uid" | "name" | "id" };

/** The fields a caller may change; absent: keep. */
export type ApplicationChange = Partial<Pick<Application, "uid" | "name" | "metadata" | "metriport">>;
export type EventTypeChange = Partial<Pick<EventType, "description" | "schema" | "example" | "group" | "archived">>;
export type EndpointChange = Partial<Omit<Endpoint, "id" | "applicationId" | "createdAt" | "updatedAt" | "health">> & {
  /** Its health as `forgiven` of core/endpoint-health.ts makes it, whatever has been written to it meanwhile. */
  forgiven?: true;
  /** Operators are to be told of it: on record with the change. */
  notice?: StatusNotice;
};

export interface ApplicationStore {
  insert(application: Application): Promise<Inserted<Application>>;
  /** By id or `uid`. */
  find(reference: string): Promise<Application | null>;
  list(page: PageRequest): Promise<Page<Application>>;
  update(id: string, change: ApplicationChange): Promise<Inserted<Application> | null>;
  /** Removes the application and its endpoints, event types and keys; events stay until retention removes them. */
  delete(id: string): Promise<boolean>;
}

export type EndpointRef = Pick<Endpoint, "id" | "applicationId">;

export interface EndpointStore {
  /** `full`: the application has `LIMITS.endpointsPerApplicationMax` endpoints. */
  insert(endpoint: Endpoint): Promise<Inserted<Endpoint> | { kind: "full" }>;
  /** By id or `uid`, within one application. */
  find(applicationId: string, reference: string): Promise<Endpoint | null>;
  /** For activities, which know the id from a delivery. */
  findById(id: string): Promise<Endpoint | null>;
  list(applicationId: string, page: PageRequest): Promise<Page<Endpoint>>;
  /** All endpoints of an application, oldest first; bounded by the limit per application. */
  all(applicationId: string): Promise<Endpoint[]>;
  update(applicationId: string, id: string, change: EndpointChange): Promise<Inserted<Endpoint> | null>;
  /**
   * Writes the health of an endpoint where the stored one is of the revision before, and disables it if it is not
   * disabled yet. Says nothing about `updatedAt`. `false`: somebody else has written, or it is gone.
   */
  putHealth(endpoint: EndpointRef, health: EndpointHealth, disable: EndpointStatusReason | null): Promise<boolean>;
  /** Endpoints with changes that operators were not told of, at most `limit`. */
  withUntold(limit: number): Promise<Endpoint[]>;
  delete(applicationId: string, id: string): Promise<boolean>;
}

export interface EventTypeStore {
  insert(eventType: EventType): Promise<Inserted<EventType>>;
  find(applicationId: string, name: string): Promise<EventType | null>;
  /** Pages by name. `after` is a name. */
  list(applicationId: string, page: PageRequest, options: { includeArchived: boolean }): Promise<Page<EventType>>;
  update(applicationId: string, name: string, change: EventTypeChange): Promise<EventType | null>;
}

export interface EventFilter extends TimeWindow {
  eventType: string | null;
  channel: string | null;
  /** Part of an id: matches the event's id or its `eventId`. */
  text: string | null;
}

export type EventInsertion =
  { kind: "inserted" } | { kind: "duplicate"; first: WebhookEvent } | { kind: "conflict"; first: WebhookEvent };

export interface EventStore {
  /**
   * Writes the event with majority and journal. Calls that arrive while a write is in flight go out together with the
   * next one. `duplicate`: the same `eventId` with the same content hash exists; `conflict`: with another one.
   */
  insert(event: WebhookEvent): Promise<EventInsertion>;
  /** By id or the publisher's `eventId`. */
  find(applicationId: string, reference: string): Promise<WebhookEvent | null>;
  /** For activities; in the order asked, unknown ones left out. */
  findByIds(ids: readonly string[]): Promise<WebhookEvent[]>;
  list(applicationId: string, filter: EventFilter, page: PageRequest): Promise<Page<EventSummary>>;
  /** Moves events on from one of the states in `from`; others stay. Answers how many moved. */
  setState(ids: readonly string[], from: readonly EventState[], to: EventState): Promise<number>;
  /**
   * For the sweep and for late dispatches: takes the lease on undispatched events until `until` for `owner`, where no
   * other owner's lease is alive. Answers the ids taken.
   */
  lease(ids: readonly string[], owner: string, until: Date): Promise<string[]>;
  /** For the sweep: accepted events older than `before`, and scheduled ones due before it, oldest first, at most `limit`. */
  undispatched(before: Date, limit: number): Promise<Dispatchable[]>;
}

/** What the start of a workflow needs to know of an event. */
export type Dispatchable = Pick<WebhookEvent, "id" | "applicationId" | "eventType" | "deliverAt">;

export interface DeliveryFilter extends TimeWindow {
  status: DeliveryStatus | null;
  endpointId: string | null;
  eventId: string | null;
  eventType: string | null;
  /** First digit of the last status code (2..5), or 0 for attempts without an answer. */
  httpClass: number | null;
}

/** Everything that one recorded attempt changes, written together with others. */
export interface AttemptRecord {
  attempt: Attempt;
  /** The delivery as it is after the attempt. */
  delivery: Delivery;
}

/** What the sweep needs to know of a delivery that is late. */
export interface OverdueDelivery {
  id: string;
  workflowId: string | null;
  nextAttemptAt: Date;
}

export interface DeliveryStore {
  find(applicationId: string, id: string): Promise<Delivery | null>;
  findByIds(ids: readonly string[]): Promise<Delivery[]>;
  /** All deliveries of these events; events have at most a few hundred receivers. */
  ofEvents(eventIds: readonly string[]): Promise<Delivery[]>;
  list(applicationId: string, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>;
  /** Ids of an endpoint's deliveries in these states, oldest first, after an id. */
  idsOfEndpoint(
    endpointId: string,
    statuses: readonly DeliveryStatus[],
    after: string | null,
    limit: number,
  ): Promise<string[]>;
  /** For the sweep: pending and retrying deliveries due before `before`, the one due first, first; those of one time by id. */
  overdue(
    before: Date,
    after: Pick<OverdueDelivery, "id" | "nextAttemptAt"> | null,
    limit: number,
  ): Promise<OverdueDelivery[]>;
  /** Some deliveries that are due before `before` and that nobody owns, of other endpoints than those; at most `limit`. */
  ownerlessDue(before: Date, except: readonly string[], limit: number): Promise<Pick<Delivery, "id" | "endpointId">[]>;
  /** Those of one endpoint, oldest first by id. */
  ownerless(endpointId: string, before: Date, limit: number): Promise<Delivery[]>;
  /** Inserts what does not exist yet; what exists stays as it is. */
  insertNew(deliveries: readonly Delivery[]): Promise<void>;
  /**
   * Records attempts: first the attempts, then the deliveries. Group commit. A delivery is written only where fewer
   * attempts are recorded than it has now, so that a repeat changes nothing. `workflowId` and `createdAt` of a delivery
   * that exists stay as they are: ownership changes by `takeOver` only.
   */
  record(record: AttemptRecord): Promise<void>;
  /** Hands deliveries to a workflow where the owner is `from`, or nobody, or already `to`. Answers the ids it now owns. */
  takeOver(ids: readonly string[], from: string | null, to: string): Promise<string[]>;
  /** Takes what waits for an attempt from `owner` (`null`: it has none): nobody owns it until the sweep or a command gives it away. */
  park(ids: readonly string[], owner: string | null, change: Pick<Delivery, "reason" | "nextAttemptAt">): Promise<void>;
  /**
   * Moves open deliveries to a state without an attempt; guarded by the statuses in `from`. What becomes `held` has no
   * owner any more. Answers how many moved.
   */
  settle(
    ids: readonly string[],
    from: readonly DeliveryStatus[],
    change: { status: DeliveryStatus; reason: string | null; nextAttemptAt: Date | null },
  ): Promise<number>;
  /** Changes when deliveries that wait for an attempt are due, each to its time; others stay. */
  reschedule(times: readonly Pick<Delivery, "id" | "nextAttemptAt">[]): Promise<void>;
  countByStatus(filter: { eventId: string }): Promise<Partial<Record<DeliveryStatus, number>>>;
  /** How many of an endpoint's deliveries are in one of these states. */
  countOfEndpoint(endpointId: string, statuses: readonly DeliveryStatus[]): Promise<number>;
}

export interface AttemptFilter extends TimeWindow {
  endpointId: string | null;
  eventId: string | null;
  deliveryId: string | null;
  /** An exact class such as `http.500`, or a prefix and `.*`. */
  outcome: string | null;
  succeeded: boolean | null;
  /** Attempts of one of these types; `null`: of any. */
  eventTypes: readonly string[] | null;
}

export interface AttemptStore {
  find(applicationId: string, id: string): Promise<Attempt | null>;
  list(applicationId: string, filter: AttemptFilter, page: PageRequest): Promise<Page<Attempt>>;
  /** Of one delivery, oldest first, at most `limit` (the newest ones). */
  ofDelivery(deliveryId: string, limit: number): Promise<Attempt[]>;
  /** Of these deliveries, for activities that may be repeating themselves. */
  ofDeliveries(deliveryIds: readonly string[]): Promise<Attempt[]>;
}

export interface ApiKeyStore {
  insert(key: ApiKey): Promise<void>;
  find(id: string): Promise<ApiKey | null>;
  /** All of the installation, oldest first, at most 10,000. */
  list(): Promise<ApiKey[]>;
  /** Pages by id, which says nothing about age. `null`: of all applications, and admin keys. */
  page(applicationId: string | null, page: PageRequest): Promise<Page<ApiKey>>;
  /** How many an application has, revoked ones included; counts to `limit`. */
  countOf(applicationId: string, limit: number): Promise<number>;
  revoke(id: string, at: Date): Promise<boolean>;
  /** Sets `lastUsedAt` unless it is later already. */
  touch(id: string, at: Date): Promise<void>;
}

export interface AuditFilter extends TimeWindow {
  /** `null`: of all, and what concerns none. */
  applicationId: string | null;
  action: string | null;
  keyId: string | null;
}

/** Entries are added and read, never changed. */
export interface AuditStore {
  append(entry: AuditEntry): Promise<void>;
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>;
}

/** The buckets of endpoints with a rate limit, shared by all processes. */
export interface RateBucketStore {
  find(endpointId: string): Promise<RateBucket | null>;
  /** Writes `after` if the bucket is still as `before` was read (`null`: not there); answers whether it did. */
  replace(endpointId: string, before: RateBucket | null, after: RateBucket): Promise<boolean>;
  delete(endpointId: string): Promise<void>;
}

/** `all` and `worker` make attempts, `api` does not. */
export type ProcessRole = "all" | "api" | "worker";

export interface LiveProcess {
  id: string;
  role: ProcessRole;
  /** When it said last that it lives, by its own clock. */
  seenAt: Date;
}

/** The processes of an installation, as far as they say that they live. */
export interface ProcessStore {
  beat(process: LiveProcess): Promise<void>;
  /** At most 1,000. */
  seenSince(since: Date): Promise<LiveProcess[]>;
  remove(id: string): Promise<void>;
  /** Forgets those that ended without a word. Answers how many. */
  removeSeenBefore(before: Date): Promise<number>;
}

/** A snapshot of an application's endpoints, at most 1 s old. */
export interface EndpointDirectory {
  of(applicationId: string): Promise<readonly Endpoint[]>;
  /** Drops the snapshot at once; for changes made by this process. */
  invalidate(applicationId: string): void;
}
