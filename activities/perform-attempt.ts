/** One attempt of one delivery: send, decide what follows, record, tell. */
import type { Attempt, AttemptTrigger, Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import { consequenceOf } from "../core/outcome.js";
import type { SendResult } from "../core/ports.js";
import { advance } from "./advance.js";
import type { ActivityPorts } from "./ports.js";
import { noteReceiver } from "./receiver-health.js";

/** How long a delivery rests after a failure of our own; it is not charged to the receiver. */
const OWN_FAILURE_REST_MS = 30_000;

export interface AttemptPlan {
  event: WebhookEvent;
  endpoint: Endpoint;
  /** As recorded before the attempt. */
  delivery: Delivery;
  /** Set: a person asked for it. */
  commandId: string | null;
  /** Asked before it waits for a slot and when one is free: `false` leaves the delivery as it is, without an attempt. */
  stillWanted?: () => boolean;
}

/** Resolves with the delivery as recorded after the attempt; rejects only if the store does not take the record. */
export async function performAttempt(ports: ActivityPorts, plan: AttemptPlan): Promise<Delivery> {
  const number = plan.delivery.attemptCount + 1;
  return ports.recorder.once(plan.delivery.id, number, () => attemptOnce(ports, plan, number));
}

async function attemptOnce(ports: ActivityPorts, plan: AttemptPlan, number: number): Promise<Delivery> {
  const isUnwanted = (): boolean => plan.stillWanted?.() === false;
  // Whoever has no time left is not to queue for a slot: calls one after the other would add up their waits.
  if (isUnwanted()) return plan.delivery;
  const result = await ports.slots.run(plan.endpoint.id, async () => (isUnwanted() ? null : send(ports, plan)));
  if (result === null) return plan.delivery;
  const nowMs = ports.clock.now();
  ports.health.note(plan.endpoint.id, { outcome: result.outcome, durationMs: result.durationMs, nowMs });
  const consequence = consequenceOf(result.outcome, plan.endpoint.profile);
  if (consequence === "ours") return postpone(ports, plan, result);

  const trigger = triggerOf(plan);
  const attempt = describeAttempt(ports, plan, { result, number, trigger });
  const delivery = advance(plan, { result, nowMs, trigger, random: ports.random() });
  const recorded = await ports.recorder.write({ attempt, delivery });
  if (consequence === "gone") await disableGone(ports, plan.endpoint);
  if (plan.endpoint.profile === "metriport") await noteReceiver(ports, plan.endpoint, result);
  tell(ports, attempt, recorded, plan.event);
  return recorded;
}

function send(ports: ActivityPorts, plan: AttemptPlan): Promise<SendResult> {
  const { endpoint, event } = plan;
  const nowMs = ports.clock.now();
  return ports.sender.send({
    url: endpoint.url,
    payload: event.payload,
    contentType: event.contentType,
    eventId: event.id,
    eventType: event.eventType,
    createdAt: event.createdAt,
    profile: endpoint.profile,
    secrets: endpoint.secrets.filter((it) => it.expiresAt === null || it.expiresAt.getTime() > nowMs),
    headers: endpoint.headers,
    timeoutMs: endpoint.timeoutMs,
  });
}

function triggerOf(plan: AttemptPlan): AttemptTrigger {
  if (plan.commandId !== null) return "manual";
  return plan.event.test ? "test" : "scheduled";
}

/** Nothing was sent because of a fault of ours: no attempt is recorded, the delivery comes back soon. */
function postpone(ports: ActivityPorts, plan: AttemptPlan, result: SendResult): Delivery {
  ports.log.error(
    { deliveryId: plan.delivery.id, endpointId: plan.endpoint.id, outcome: result.outcome },
    "delivery.not_attempted",
  );
  if (plan.commandId !== null) return plan.delivery;
  return { ...plan.delivery, nextAttemptAt: new Date(ports.clock.now() + OWN_FAILURE_REST_MS) };
}

function describeAttempt(
  ports: ActivityPorts,
  plan: AttemptPlan,
  made: { result: SendResult; number: number; trigger: AttemptTrigger },
): Attempt {
  const { delivery, endpoint } = plan;
  const { result } = made;
  return {
    id: ports.ids.next("attempt"),
    applicationId: delivery.applicationId,
    deliveryId: delivery.id,
    eventId: delivery.eventId,
    endpointId: delivery.endpointId,
    eventType: delivery.eventType,
    number: made.number,
    trigger: made.trigger,
    url: endpoint.url,
    startedAt: result.startedAt,
    durationMs: result.durationMs,
    statusCode: result.statusCode,
    outcome: result.outcome,
    error: result.error,
    responseBody: result.responseBody,
    responseTruncated: result.responseTruncated,
    commandId: plan.commandId,
  };
}

/** 410 says "never again" (Standard Webhooks 1.0, "Deliverability and reliability"). */
async function disableGone(ports: ActivityPorts, endpoint: Endpoint): Promise<void> {
  try {
    const now = await ports.endpoints.findById(endpoint.id);
    // Somebody has corrected the URL meanwhile: the answer was not about that one.
    if (now?.url !== endpoint.url) return;
    await ports.endpoints.update(endpoint.applicationId, endpoint.id, { status: "disabled", statusReason: "gone" });
  } catch (error) {
    // The attempt is on record; the next one meets the same answer and disables the endpoint then.
    ports.log.error({ endpointId: endpoint.id }, "endpoint.disable_failed", error);
    return;
  }
  ports.directory.invalidate(endpoint.applicationId);
  ports.log.warn(
    { endpointId: endpoint.id, applicationId: endpoint.applicationId, reason: "gone" },
    "endpoint.disabled",
  );
}

function tell(ports: ActivityPorts, attempt: Attempt, delivery: Delivery, event: WebhookEvent): void {
  ports.metrics.attemptMade(attempt.outcome, attempt.trigger);
  if (delivery.status === "delivered" && attempt.trigger !== "manual" && event.deliverAt === null) {
    ports.metrics.delivered(attempt.startedAt.getTime() + attempt.durationMs - event.createdAt.getTime());
  }
  ports.log.info(
    {
      attemptId: attempt.id,
      deliveryId: delivery.id,
      eventId: delivery.eventId,
      endpointId: delivery.endpointId,
      applicationId: delivery.applicationId,
      eventType: delivery.eventType,
      number: attempt.number,
      trigger: attempt.trigger,
      outcome: attempt.outcome,
      statusCode: attempt.statusCode,
      durationMs: attempt.durationMs,
      status: delivery.status,
      nextAttemptAt: delivery.nextAttemptAt?.toISOString(),
    },
    "delivery.attempted",
  );
}
