/** Rows of the model with every field filled, for tests to change what they are about. */
import { createHash } from "node:crypto";
import { HEALTHY } from "../../core/endpoint-health.js";
import { deliveryIdOf } from "../../core/ids.js";
import { needsOwner } from "../../core/delivery-state.js";
import type { Application, Attempt, Delivery, Endpoint, EventType, WebhookEvent } from "../../core/model.js";
import type { IdSource } from "../../core/ports.js";
import type { EventFilter } from "../../core/store-ports.js";
import { DEFAULT_RETRY_POLICY } from "../../core/retry.js";
import { Secret } from "../../core/secret.js";
import type { TestClock } from "./clock.js";

export const EVERY_EVENT: EventFilter = { from: null, until: null, eventType: null, channel: null, text: null };
export const EVERY_DELIVERY = {
  from: null,
  until: null,
  status: null,
  endpointId: null,
  eventId: null,
  eventType: null,
  httpClass: null,
};
export const EVERY_ATTEMPT = {
  from: null,
  until: null,
  endpointId: null,
  eventId: null,
  deliveryId: null,
  outcome: null,
  succeeded: null,
  eventTypes: null,
};

export interface Samples {
  application(change?: Partial<Application>): Application;
  endpoint(change?: Partial<Endpoint>): Endpoint;
  eventType(change?: Partial<EventType>): EventType;
  event(change?: Partial<WebhookEvent> & { text?: string }): WebhookEvent;
  delivery(change?: Partial<Delivery>): Delivery;
  /** The delivery after one more attempt, and that attempt. */
  attempt(delivery: Delivery, change?: Partial<Attempt>): Attempt;
}

export function samplesOf(ids: IdSource, clock: TestClock): Samples {
  const applicationId = ids.next("application");
  const times = (): { createdAt: Date; updatedAt: Date } => ({ createdAt: clock.at(), updatedAt: clock.at() });
  return {
    application: (change) => ({
      id: ids.next("application"),
      uid: null,
      name: "Acme",
      metadata: { "a.b": "1", $plan: "gold" },
      metriport: null,
      ...times(),
      ...change,
    }),
    endpoint: (change) => ({
      id: ids.next("endpoint"),
      applicationId,
      uid: null,
      url: "https://receiver.example/hook",
      description: "",
      eventTypes: ["workout.*"],
      channels: ["eu"],
      headers: { "X-Api.Version": "2" },
      metadata: { "team.name": "$core" },
      profile: "standard",
      retryPolicy: DEFAULT_RETRY_POLICY,
      rateLimit: null,
      clientErrors: "retry",
      timeoutMs: 15_000,
      status: "active",
      statusReason: null,
      pairedEvents: "both",
      skipPong: false,
      receiver: null,
      health: HEALTHY,
      secrets: [{ key: new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), createdAt: clock.at(), expiresAt: null }],
      asymmetricKeys: [],
      ...times(),
      ...change,
    }),
    eventType: (change) => ({
      applicationId,
      name: "workout.created",
      description: "",
      schema: { $schema: "https://json-schema.org/draft/2020-12/schema", properties: { "a.b": { $ref: "#/$defs/x" } } },
      example: { "a.b": 1 },
      group: "workout",
      archived: false,
      ...times(),
      ...change,
    }),
    event: ({ text = '{"hello":"world"}', ...change } = {}) => ({
      id: ids.next("event"),
      applicationId,
      eventId: null,
      eventType: "workout.created",
      channels: [],
      metadata: {},
      contentType: "application/json",
      payload: new TextEncoder().encode(text),
      contentHash: createHash("sha256").update(text).digest("hex"),
      endpointIds: null,
      pairRole: null,
      test: false,
      deliverAt: null,
      state: "accepted",
      headStart: null,
      createdAt: clock.at(),
      ...change,
    }),
    delivery: (change) => {
      const eventId = change?.eventId ?? ids.next("event");
      const endpointId = change?.endpointId ?? ids.next("endpoint");
      return {
        id: deliveryIdOf(eventId, endpointId),
        applicationId,
        eventId,
        endpointId,
        eventType: "workout.created",
        status: "pending",
        attemptCount: 0,
        scheduledAttemptCount: 0,
        // What waits is due at some time.
        nextAttemptAt: needsOwner(change?.status ?? "pending") ? clock.at() : null,
        lastAttemptAt: null,
        lastOutcome: null,
        lastStatusCode: null,
        workflowId: null,
        reason: null,
        test: false,
        ...times(),
        ...change,
      };
    },
    attempt: (delivery, change) => ({
      id: ids.next("attempt"),
      applicationId: delivery.applicationId,
      deliveryId: delivery.id,
      eventId: delivery.eventId,
      endpointId: delivery.endpointId,
      eventType: delivery.eventType,
      number: delivery.attemptCount,
      trigger: "scheduled",
      url: "https://receiver.example/hook",
      startedAt: clock.at(),
      durationMs: 12,
      statusCode: 500,
      outcome: "http.500",
      error: "The receiver answered 500.",
      remedy: "Look into the log of the receiver.",
      responseBody: "oops",
      responseTruncated: false,
      commandId: null,
      ...change,
    }),
  };
}

/** The delivery as it is after `count` attempts of the schedule. */
export function attempted(delivery: Delivery, count: number, change?: Partial<Delivery>): Delivery {
  return {
    ...delivery,
    status: "retrying",
    attemptCount: count,
    scheduledAttemptCount: count,
    lastOutcome: "http.500",
    lastStatusCode: 500,
    ...change,
  };
}
