/** What the in-memory twin of the stores remembers. */
import { PosthornError } from "../../../core/errors.js";
import type {
  ApiKey,
  Application,
  Attempt,
  AuditEntry,
  Delivery,
  Endpoint,
  EventType,
  WebhookEvent,
} from "../../../core/model.js";
import type { Clock, IdSource } from "../../../core/ports.js";
import type { Page, PageRequest, TimeWindow } from "../../../core/store-ports.js";

export class MemoryState {
  readonly applications = new Map<string, Application>();
  readonly endpoints = new Map<string, Endpoint>();
  /** By `<application id>/<name>`. */
  readonly eventTypes = new Map<string, EventType>();
  readonly events = new Map<string, WebhookEvent>();
  readonly deliveries = new Map<string, Delivery>();
  readonly attempts = new Map<string, Attempt>();
  readonly apiKeys = new Map<string, ApiKey>();
  readonly audit = new Map<string, AuditEntry>();
  /** Set: every call rejects with `store_unavailable`. */
  isDown = false;
  /** Set: every call rejects with this, as a bug would. */
  fault: Error | null = null;

  constructor(
    readonly clock: Clock,
    readonly ids: IdSource,
  ) {}

  /** Runs `work` as a call to a server: later, and not at all while the server is down. */
  async call<Result>(work: () => Result): Promise<Result> {
    await Promise.resolve();
    if (this.fault !== null) throw this.fault;
    if (this.isDown) throw new PosthornError("store_unavailable");
    return work();
  }

  now(): Date {
    return new Date(this.clock.now());
  }

  /** How much there is of everything: unchanged where a request was refused. */
  census(): Record<string, number> {
    return {
      applications: this.applications.size,
      endpoints: this.endpoints.size,
      eventTypes: this.eventTypes.size,
      events: this.events.size,
      deliveries: this.deliveries.size,
      attempts: this.attempts.size,
    };
  }
}

/** One page by key, as the real stores make it. */
export function pageOf<Row>(rows: Iterable<Row>, keyOf: (row: Row) => string, page: PageRequest): Page<Row> {
  const direction = page.order === "newest" ? -1 : 1;
  const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -direction : direction);
  const sorted = [...rows].sort((a, b) => compare(keyOf(a), keyOf(b)));
  const { after } = page;
  const rest = after === null ? sorted : sorted.filter((row) => compare(keyOf(row), after) > 0);
  const taken = rest.slice(0, page.limit);
  const last = taken.at(-1);
  return {
    rows: taken.map((row) => ({ ...row })),
    next: rest.length > taken.length && last !== undefined ? keyOf(last) : null,
  };
}

export function isWithin(at: Date, window: TimeWindow): boolean {
  return (window.from === null || at >= window.from) && (window.until === null || at < window.until);
}
