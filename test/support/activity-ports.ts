/** The ports of activities on the stores in memory, with a receiver that is a script. */
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
import type { OperationalEvent } from "../../core/operational-events.js";
import type { OutgoingRequest, SendResult } from "../../core/ports.js";
import { createMemoryPorts } from "./memory-ports.js";
import { memoryRateBuckets } from "./memory/memory-rate-buckets.js";
import type { MemoryState } from "./memory/memory-state.js";
import { sampleEndpoint, sampleEvent } from "./samples.js";

export interface ActivityWorld {
  ports: ActivityPorts;
  applicationId: string;
  state: MemoryState;
  requests: OutgoingRequest[];
  /** What operators were told. */
  told: OperationalEvent[];
  /** When the sweep was asked for. */
  wakes: Date[];
  /** Endpoints whose probe was asked for. */
  probed: string[];
  /** Moves the clock. */
  advance(ms: number): void;
  /** What the receiver does with a request. */
  respond: (request: OutgoingRequest) => Promise<Pick<SendResult, "outcome" | "statusCode">>;
  newEndpoint(change?: Partial<Endpoint>): Endpoint;
  newEvent(change?: Partial<WebhookEvent>): WebhookEvent;
  /** A delivery on record, due now. */
  newDelivery(event: WebhookEvent, endpoint: Endpoint, change?: Partial<Delivery>): Delivery;
  /** An attempt on record. */
  newAttempt(delivery: Delivery, change?: Partial<Attempt>): Attempt;
  delivery(id: string): Delivery | undefined;
}

export function createActivityWorld(): ActivityWorld {
  const memory = createMemoryPorts();
  const { deps, state } = memory;
  const { ids, clock, log, stores, directory } = deps;
  const [applicationId = ""] = state.applications.keys();
  const requests: OutgoingRequest[] = [];
  const told: OperationalEvent[] = [];
  const wakes: Date[] = [];
  const probed: string[] = [];
  const operational = { tell: (event: OperationalEvent) => Promise.resolve(void told.push(event)) };
  const ports: ActivityPorts = {
    ...stores,
    directory,
    engine: deps.engine,
    ids,
    clock,
    random: () => 0.5,
    log,
    metrics: {
      eventsAccepted: () => undefined,
      attemptMade: () => undefined,
      delivered: () => undefined,
      authRefused: () => undefined,
    },
    slots: new EndpointSlots(),
    turns: new Turns({ rateBuckets: memoryRateBuckets(), clock, random: () => 0.5 }),
    operational,
    recent: new RecentAttempts(),
    watch: new EndpointWatch({ endpoints: stores.endpoints, directory, operational, clock, log }),
    wakes: { at: (time) => void wakes.push(time) },
    probes: { begin: (endpointId) => void probed.push(endpointId) },
    lots: new Lots(200),
    orphans: new Orphans(),
    recorder: new RecordedAttempts(stores.deliveries, log),
    batchMax: 200,
    sender: {
      send: async (request) => {
        requests.push(request);
        const startedAt = state.now();
        const answer = await world.respond(request);
        const rest = { error: null, responseBody: null, responseTruncated: false, retryAfter: null };
        return { startedAt, durationMs: 1, ...rest, ...answer };
      },
    },
  };
  const world: ActivityWorld = {
    ports,
    applicationId,
    state,
    requests,
    told,
    wakes,
    probed,
    advance: (ms) => memory.advance(ms),
    respond: () => Promise.resolve({ outcome: "ok", statusCode: 200 }),
    newEndpoint: (change = {}) => {
      const endpoint = sampleEndpoint({ id: ids.next("endpoint"), applicationId, now: state.now() }, change);
      state.endpoints.set(endpoint.id, endpoint);
      return endpoint;
    },
    newEvent: (change = {}) => {
      const event = sampleEvent({ id: ids.next("event"), applicationId, now: state.now() }, change);
      state.events.set(event.id, event);
      return event;
    },
    newDelivery: (event, endpoint, change = {}) => {
      const now = state.now();
      const delivery: Delivery = {
        id: deliveryIdOf(event.id, endpoint.id),
        applicationId,
        eventId: event.id,
        endpointId: endpoint.id,
        eventType: event.eventType,
        status: "pending",
        attemptCount: 0,
        scheduledAttemptCount: 0,
        nextAttemptAt: now,
        lastAttemptAt: null,
        lastOutcome: null,
        lastStatusCode: null,
        workflowId: "lane",
        reason: null,
        test: false,
        createdAt: now,
        updatedAt: now,
        ...change,
      };
      state.deliveries.set(delivery.id, delivery);
      return delivery;
    },
    newAttempt: (delivery, change = {}) => {
      const { id: deliveryId, eventId, endpointId, eventType } = delivery;
      const attempt: Attempt = {
        id: ids.next("attempt"),
        applicationId,
        deliveryId,
        eventId,
        endpointId,
        eventType,
        number: delivery.attemptCount + 1,
        trigger: "scheduled",
        url: "https://receiver.example.com/hook",
        startedAt: state.now(),
        durationMs: 1,
        statusCode: 200,
        outcome: "ok",
        error: null,
        remedy: null,
        responseBody: null,
        responseTruncated: false,
        commandId: null,
        ...change,
      };
      state.attempts.set(attempt.id, attempt);
      return attempt;
    },
    delivery: (id) => state.deliveries.get(id),
  };
  return world;
}
