import { isFailing } from "../../core/endpoint-health.js";
import type { EndpointHealth } from "../../core/endpoint-health.js";
import type { EndpointHealthAnswer } from "../schemas/endpoint-health.js";
import { isoTime } from "./time.js";

export function answerHealth(health: EndpointHealth): EndpointHealthAnswer {
  const { firstFailureAt, lastFailureAt, breaker } = health;
  return {
    state: isFailing(health) ? "failing" : "healthy",
    consecutiveFailures: health.consecutiveFailures,
    failingSince: firstFailureAt && isoTime(firstFailureAt),
    lastFailureAt: lastFailureAt && isoTime(lastFailureAt),
    lastOutcome: health.lastOutcome,
    restsUntil: breaker && isoTime(breaker.until),
  };
}
