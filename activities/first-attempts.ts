/**
 * The head start: the process that accepted an event attempts its deliveries at once, and starts its workflow when they are
 * over. The workflow makes it certain: `dispatchEvents` adopts what was attempted here, and whatever is lost with the
 * process is made up for when the head start, written into the event, has run out.
 */
import { aside } from "../core/aside.js";
import { isFinal } from "../core/delivery-state.js";
import type { Delivery, HeadStart, WebhookEvent } from "../core/model.js";
import type { Dispatcher, HeadStarts } from "../core/ports.js";
import { attemptFirst, NO_TRY } from "./begin-attempts.js";
import type { FirstTry } from "./begin-attempts.js";
import { Landings, NEVER, SOME_TIME } from "./landings.js";
import { parksUntil } from "./parking.js";
import { planDeliveries } from "./plan-deliveries.js";
import type { PlannedDelivery } from "./plan-deliveries.js";
import type { ActivityPorts } from "./ports.js";

/** How long the head start of an event lasts: time to begin, the longest fast timeout, and time to record. */
export const HEAD_START_MS = 30_000;
/** A first attempt that could not begin by then is left to the retry lane. */
const BEGIN_MS = 10_000;
/** Endpoints that may take longer have no head start: their attempts must end within it. */
const TIMEOUT_MS_MAX = 15_000;
/** Kept free at the end of the head start, for recording. */
const RECORD_MS = 2_000;
const EVENTS_IN_FLIGHT_MAX = 8_000;
/** Payloads stay in memory as long as their event is in flight. */
const BYTES_IN_FLIGHT_MAX = 64 * 1024 * 1024;
/** What is on its way for so long is shown to people as pending. */
const SHOW_MS = 2_000;
/** So long after it was accepted an event has its workflow in any case; by then all its attempts are over. */
const UNDISPATCHED_MS_MAX = HEAD_START_MS - RECORD_MS;
const LOOK_MS = 500;
/** Flights that ended but were not adopted yet are kept at most this long; the store knows the rest. */
const KEEP_MS = 30_000;

/** What becomes of a flight that is not over. */
interface Pending {
  flight: OpenFlight;
  sinceMs: number;
  /** Those that are neither over nor shown, once the endpoints are known. */
  unseen: Set<FlyingDelivery>;
}

/** One delivery of a flight. */
export interface FlyingDelivery {
  planned: PlannedDelivery;
  attempt: FirstTry;
}

export interface OpenFlight {
  event: WebhookEvent;
  /** `null` if the endpoints could not be read: the workflow does everything. */
  deliveries: Promise<FlyingDelivery[] | null>;
}

/** All deliveries of the event are on record and final. */
export const OVER = "over";

export type Flight = OpenFlight | typeof OVER;

export class FirstAttempts implements HeadStarts {
  /** Of what is over nothing but the id: a second of events, until their workflow comes, would outlive two garbage collections. */
  readonly #flights = new Map<string, Flight>();
  /** Of flights that have ended and wait to be adopted. They hold an id and nothing else: 30 s of events are much memory. */
  readonly #forgetting = new Map<string, NodeJS.Timeout>();
  /** Without a workflow so far, oldest first. */
  readonly #undispatched = new Map<string, Pending>();
  #inFlight = 0;
  #bytesInFlight = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #landings: Landings;

  constructor(
    private readonly ports: ActivityPorts,
    dispatcher: Dispatcher,
    readonly processId: string,
  ) {
    this.#landings = new Landings(dispatcher, ports.clock);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  claim(applicationId: string, payloadBytes: number): HeadStart | null {
    if (this.#closed || this.#inFlight >= EVENTS_IN_FLIGHT_MAX) return null;
    if (this.#bytesInFlight + payloadBytes > BYTES_IN_FLIGHT_MAX) return null;
    // Whoever plans the deliveries asks again, and hears what went wrong.
    aside(() => void this.ports.directory.of(applicationId).catch(() => undefined));
    return { processId: this.processId, until: new Date(this.ports.clock.now() + HEAD_START_MS) };
  }

  /**
   * The event's workflow begins when these attempts are over: it finds its work done, those of one moment are one workflow
   * however long each has taken, and while requests are on their way nothing else takes the processor from them.
   */
  begin(event: WebhookEvent): boolean {
    if (event.headStart?.processId !== this.processId) return false;
    this.#inFlight += 1;
    this.#bytesInFlight += event.payload.byteLength;
    const pending: Pending = {
      flight: { event, deliveries: Promise.resolve(null) },
      sinceMs: performance.now(),
      unseen: new Set(),
    };
    pending.flight.deliveries = this.#fly(event);
    this.#flights.set(event.id, pending.flight);
    this.#undispatched.set(event.id, pending);
    this.#timer ??= this.#watch();
    void this.#land(pending);
    return true;
  }

  has(eventId: string): boolean {
    return this.#flights.has(eventId);
  }

  /** Takes over the flight of an event that this process began; the workflow answers for it from now on. */
  adopt(eventId: string): Flight | undefined {
    const flight = this.#flights.get(eventId);
    this.#forget(eventId);
    return flight;
  }

  /** No new head starts; resolves when every attempt in flight is recorded, or after `waitMs`. */
  async close(waitMs: number): Promise<void> {
    this.#closed = true;
    const deadline = this.ports.clock.now() + waitMs;
    while (this.#inFlight > 0 && this.ports.clock.now() < deadline) await new Promise((wake) => setTimeout(wake, 20));
    this.#landings.flush();
  }

  async #fly(event: WebhookEvent): Promise<FlyingDelivery[] | null> {
    try {
      const planned = await planDeliveries(this.ports, event);
      return planned.map((it) => ({ planned: it, attempt: this.#attempt(event, it) }));
    } catch (error) {
      this.ports.log.warn({ eventId: event.id }, "head_start.not_planned");
      this.ports.log.debug({ eventId: event.id, problem: String(error) }, "head_start.not_planned");
      return null;
    }
  }

  #attempt(event: WebhookEvent, planned: PlannedDelivery): FirstTry {
    const { endpoint, delivery, route } = planned;
    if (route !== "fast" || endpoint.timeoutMs > TIMEOUT_MS_MAX) return NO_TRY;
    // When it has run out, others attempt: a request must be over by then, however long the insert has taken.
    const endsMs = event.headStart?.until.getTime() ?? 0;
    const beginByMs = Math.min(this.ports.clock.now() + BEGIN_MS, endsMs - endpoint.timeoutMs - RECORD_MS);
    return attemptFirst(this.ports, { event, endpoint, delivery }, beginByMs);
  }

  async #land(pending: Pending): Promise<void> {
    const { flight } = pending;
    const flying = await flight.deliveries;
    pending.unseen = new Set(flying);
    const landing = flying?.map(async (it) => {
      const after = await it.attempt.settled;
      pending.unseen.delete(it);
      return { dueAtMs: this.#dueAtMs(it, after), isOver: after !== null && isFinal(after.status) };
    });
    const ends = landing && (await Promise.all(landing));
    const dueAtMs = ends === undefined ? 0 : Math.min(...ends.map((it) => it.dueAtMs));
    this.#inFlight -= 1;
    this.#bytesInFlight -= flight.event.payload.byteLength;
    this.#dispatch(flight.event, dueAtMs);
    if (!this.#flights.has(flight.event.id)) return;
    if (ends?.every((it) => it.isOver)) this.#flights.set(flight.event.id, OVER);
    this.#forgetLater(flight.event.id);
  }

  #forgetLater(eventId: string): void {
    this.#forgetting.set(eventId, setTimeout(() => this.#forget(eventId), KEEP_MS).unref());
  }

  #forget(eventId: string): void {
    clearTimeout(this.#forgetting.get(eventId));
    this.#forgetting.delete(eventId);
    this.#flights.delete(eventId);
  }

  /** When somebody has to look after a delivery again, see {@link Landings.landed}. */
  #dueAtMs({ planned: { route, endpoint } }: FlyingDelivery, after: Delivery | null): number {
    if (after !== null) return isFinal(after.status) ? NEVER : (after.nextAttemptAt?.getTime() ?? 0);
    if (route === "parked" || route === "held") return NEVER;
    // Its lane would only rest.
    return route === "crowded" || parksUntil(this.ports, endpoint) !== null ? SOME_TIME : 0;
  }

  /** Looks after the slow ones as long as there are any. */
  #watch(): NodeJS.Timeout {
    return setInterval(() => {
      const nowMs = performance.now();
      const slow: Delivery[] = [];
      for (const pending of this.#undispatched.values()) {
        const ageMs = nowMs - pending.sinceMs;
        if (ageMs < SHOW_MS) break;
        slow.push(...takeBegun(pending));
        if (ageMs > UNDISPATCHED_MS_MAX) this.#dispatch(pending.flight.event, 0);
      }
      if (slow.length > 0) void this.#show(slow);
      if (this.#undispatched.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    }, LOOK_MS);
  }

  /** Once for each event. */
  #dispatch(event: WebhookEvent, dueAtMs: number): void {
    if (this.#undispatched.delete(event.id)) this.#landings.landed(event, dueAtMs);
  }

  /** What is recorded meanwhile stays as it is recorded. */
  async #show(deliveries: readonly Delivery[]): Promise<void> {
    try {
      await this.ports.deliveries.insertNew(deliveries);
    } catch {
      // Nobody sees them until they are recorded.
      this.ports.log.debug({ count: deliveries.length }, "head_start.not_shown");
    }
  }
}

/** Requests that are on their way and were not shown; what waits for a slot is shown when its request has begun. */
function takeBegun(pending: Pending): Delivery[] {
  const begun: Delivery[] = [];
  for (const it of pending.unseen) {
    const settledByMs = it.attempt.settledByMs();
    if (settledByMs === null) continue;
    begun.push({ ...it.planned.delivery, nextAttemptAt: new Date(settledByMs) });
    pending.unseen.delete(it);
  }
  return begun;
}
