/** One attempt of one delivery: send, decide what follows, record, tell. */
import { aliveAt } from "../core/alive-secrets.js";
import type { Attempt, AttemptTrigger, Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import { consequenceOf } from "../core/outcome.js";
import { remedyOf } from "../core/outcome-help.js";
import type { SendResult } from "../core/ports.js";
import { advance } from "./advance.js";
import type { ActivityPorts } from "./ports.js";
import { within } from "./within.js";
import { noteReceiver } from "./receiver-health.js";

/** How long an attempt waits to be recorded for operators to be told of it. */
const TELL_FIRST_MS = 1_000;
/** How long a delivery rests after a failure of our own; it is not charged to the receiver. */
const OWN_FAILURE_REST_MS = 30_000;

export interface AttemptPlan {
  event: WebhookEvent;
  endpoint: Endpoint;
  /** As recorded before the attempt. */
  delivery: Delivery;
  /** Set: a person asked for it. */
  commandId: string | null;
  /** It is the one request that a half-open breaker lets through. */
  isProbe?: boolean;
  /** Asked before it waits for a slot and when one is free: `false` leaves the delivery as it is, without an attempt. */
  stillWanted?: () => boolean;
  /** Called when the request is about to be sent. */
  begins?: () => void;
}

/** Resolves with the delivery as recorded after the attempt; rejects only if the store does not take the record. */
export async function performAttempt(ports: ActivityPorts, plan: AttemptPlan): Promise<Delivery> {
  const number = plan.delivery.attemptCount + 1;
  return ports.recorder.once(plan.delivery.id, number, () => attemptOnce(ports, plan, number));
}

async function attemptOnce(ports: ActivityPorts, plan: AttemptPlan, number: number): Promise<Delivery> {
  const isUnwanted = (): boolean => plan.stillWanted?.() === false || isBarred(ports, plan);
  // Whoever has no time left is not to queue for a slot: calls one after the other would add up their waits.
  if (isUnwanted()) return plan.delivery;
  const result = await ports.slots.run(plan.endpoint, async () => {
    if (isUnwanted()) return null;
    plan.begins?.();
    return send(ports, plan);
  });
  if (result === null) return plan.delivery;
  const nowMs = ports.clock.now();
  const consequence = consequenceOf(result.outcome, plan.endpoint);
  if (consequence === "ours") return postpone(ports, plan, result);
  noteEndpoint(ports, plan, { result, nowMs });

  const trigger = triggerOf(plan);
  const attempt = describeAttempt(ports, plan, { result, number, trigger });
  const delivery = advance(plan, { result, nowMs, trigger, random: ports.random() });
  const isExhausted = delivery.status === "failed" && trigger === "scheduled";
  const isTold = !isExhausted || (await within(TELL_FIRST_MS, tellExhausted(ports, delivery, nowMs)));
  const recorded = await ports.recorder.write({ attempt, delivery });
  if (!isTold) await tellExhausted(ports, delivery, nowMs);
  // 410 says "never again" (Standard Webhooks 1.0, "Deliverability and reliability"): disabled before anybody goes on.
  if (consequence === "gone") await ports.watch.settle(plan.endpoint.id);
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
    secrets: aliveAt(endpoint.secrets, nowMs),
    asymmetricKeys: aliveAt(endpoint.asymmetricKeys, nowMs),
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
    remedy: remedyOf(result.outcome),
    responseBody: result.responseBody,
    responseTruncated: result.responseTruncated,
    commandId: plan.commandId,
  };
}

/** The endpoint's breaker lets nothing through but what a person asked for. */
function isBarred(ports: ActivityPorts, { endpoint, delivery, commandId, isProbe }: AttemptPlan): boolean {
  return commandId === null && isProbe !== true && !delivery.test && ports.watch.gate(endpoint).kind !== "closed";
}

function noteEndpoint(
  ports: ActivityPorts,
  { endpoint, isProbe = false }: AttemptPlan,
  { result, nowMs }: { result: SendResult; nowMs: number },
): void {
  const { outcome } = result;
  const isWindowBad = ports.recent.note(endpoint, { outcome, nowMs });
  ports.watch.note(endpoint, { atMs: nowMs, outcome, isProbe, isWindowBad });
}

/**
 * Before the attempt is on record, since whoever finds it there does not tell again; and once more afterwards if that has
 * failed or takes too long, for an attempt must be on record soon. After a crash between telling and recording the attempt
 * is repeated, and the operators may have been told too early. Answers whether they were told.
 */
async function tellExhausted(ports: ActivityPorts, delivery: Delivery, nowMs: number): Promise<boolean> {
  const { applicationId, endpointId, eventId, eventType, attemptCount, lastOutcome, lastStatusCode } = delivery;
  if (lastOutcome === null) return true;
  try {
    await ports.operational.tell({
      type: "delivery.exhausted",
      ...{ applicationId, endpointId, eventId, eventType, deliveryId: delivery.id },
      ...{ attemptCount, lastOutcome, lastStatusCode, at: new Date(nowMs) },
    });
    return true;
  } catch (error) {
    ports.log.error({ deliveryId: delivery.id }, "operational.not_told", error);
    return false;
  }
}

function tell(ports: ActivityPorts, attempt: Attempt, delivery: Delivery, event: WebhookEvent): void {
  ports.metrics.attemptMade(attempt.outcome, attempt.trigger);
  if (delivery.status === "delivered" && attempt.trigger !== "manual" && event.deliverAt === null) {
    ports.metrics.delivered(attempt.startedAt.getTime() + attempt.durationMs - event.createdAt.getTime());
  }
  const line = {
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
  };
  // What succeeds is on record and counted; a line for each would cost as much as half of its request.
  if (attempt.outcome === "ok") ports.log.debug(line, "delivery.attempted");
  else ports.log.info(line, "delivery.attempted");
}
