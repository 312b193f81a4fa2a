/** Where a delivery stands after an attempt; pure, so that it can be worked out again from what is on record. */
import { manualEffect } from "../core/delivery-state.js";
import type { AttemptEffect } from "../core/delivery-state.js";
import type { AttemptTrigger, Delivery, Endpoint } from "../core/model.js";
import { consequenceOf } from "../core/outcome.js";
import type { SendResult } from "../core/ports.js";
import { decideRetry, parseRetryAfter } from "../core/retry.js";

/** What came of an attempt, as far as it matters for what follows. */
export interface Made {
  result: Pick<SendResult, "startedAt" | "outcome" | "statusCode" | "error" | "retryAfter">;
  /** When the attempt was over. */
  nowMs: number;
  trigger: AttemptTrigger;
  /** Uniform in [0, 1), for jitter. */
  random: number;
}

interface Subject {
  endpoint: Pick<Endpoint, "retryPolicy" | "profile" | "clientErrors">;
  /** As recorded before the attempt. */
  delivery: Delivery;
}

/** The delivery as it is recorded together with the attempt. */
export function advance({ endpoint, delivery }: Subject, made: Made): Delivery {
  const { result } = made;
  const scheduled = made.trigger !== "manual";
  const scheduledAttemptCount = delivery.scheduledAttemptCount + (scheduled ? 1 : 0);
  const effect = scheduled
    ? scheduledEffect(endpoint, made, scheduledAttemptCount)
    : manualEffect(delivery, result.outcome === "ok");
  return {
    ...delivery,
    ...effect,
    attemptCount: delivery.attemptCount + 1,
    scheduledAttemptCount,
    lastAttemptAt: result.startedAt,
    lastOutcome: result.outcome,
    lastStatusCode: result.statusCode,
    updatedAt: new Date(made.nowMs),
  };
}

function scheduledEffect(endpoint: Subject["endpoint"], made: Made, attemptsMade: number): AttemptEffect {
  const { result, nowMs } = made;
  switch (consequenceOf(result.outcome, endpoint)) {
    case "delivered":
      return { status: "delivered", nextAttemptAt: null, reason: null };
    case "gone":
      return {
        status: "failed",
        nextAttemptAt: null,
        reason: "the receiver answered 410 Gone; the endpoint is disabled",
      };
    case "fail":
      return { status: "failed", nextAttemptAt: null, reason: result.error };
    case "retry":
    case "ours": {
      const decision = decideRetry({
        policy: endpoint.retryPolicy,
        attemptsMade,
        outcome: result.outcome,
        retryAfterMs: parseRetryAfter(result.retryAfter, nowMs),
        random: made.random,
      });
      if (decision.kind === "retry") {
        return { status: "retrying", nextAttemptAt: new Date(nowMs + decision.delayMs), reason: null };
      }
      return { status: "failed", nextAttemptAt: null, reason: exhaustedReason(endpoint, attemptsMade) };
    }
  }
}

function exhaustedReason({ retryPolicy }: Subject["endpoint"], attemptsMade: number): string {
  if (retryPolicy.scheduleSeconds.length === 0) return "the attempt failed, and the endpoint has no retry schedule";
  return `the retry schedule is exhausted after ${attemptsMade} attempts`;
}
