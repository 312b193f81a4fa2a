/** Rows as tests need them: valid, plain, and changed where it matters. */
import { HEALTHY } from "../../core/endpoint-health.js";
import type { Endpoint, WebhookEvent } from "../../core/model.js";
import { DEFAULT_RETRY_POLICY } from "../../core/retry.js";

interface Identity {
  id: string;
  applicationId: string;
  now: Date;
}

export function sampleEndpoint({ id, applicationId, now }: Identity, change: Partial<Endpoint> = {}): Endpoint {
  return {
    id,
    applicationId,
    uid: null,
    url: "https://receiver.example.com/hook",
    description: "",
    eventTypes: [],
    channels: [],
    headers: {},
    metadata: {},
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
    secrets: [],
    asymmetricKeys: [],
    createdAt: now,
    updatedAt: now,
    ...change,
  };
}

export function sampleEvent({ id, applicationId, now }: Identity, change: Partial<WebhookEvent> = {}): WebhookEvent {
  return {
    id,
    applicationId,
    eventId: null,
    eventType: "order.paid",
    channels: [],
    metadata: {},
    contentType: "application/json",
    payload: Buffer.from("{}"),
    contentHash: "0",
    endpointIds: null,
    pairRole: null,
    test: false,
    deliverAt: null,
    state: "accepted",
    headStart: null,
    createdAt: now,
    ...change,
  };
}
