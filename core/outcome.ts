/** What one attempt came to, as a stable class; people read the attempt's `error` beside it. */
import type { ClientErrors, WireProfile } from "./model.js";

export type TransportClass =
  | `dns.${"failed" | "not_found"}`
  | `connect.${"refused" | "reset" | "unreachable" | "failed"}`
  | `tls.${"expired" | "untrusted" | "hostname" | "protocol" | "failed"}`
  | `timeout.${"dns" | "connect" | "headers" | "total"}`
  | "protocol";

export type OutcomeClass =
  | "ok"
  | "redirect"
  | "gone"
  | "rate_limited"
  | `http.${number}`
  | TransportClass
  | `blocked.${"url" | "address"}`
  | `internal.${"signing" | "proxy" | "error"}`;

/**
 * The class of an HTTP status. 2xx alone is success; redirects are not followed and count as failures (Standard
 * Webhooks 1.0, "Deliverability and reliability").
 */
export function classifyStatus(statusCode: number): OutcomeClass {
  if (statusCode >= 200 && statusCode <= 299) return "ok";
  if (statusCode >= 300 && statusCode <= 399) return "redirect";
  if (statusCode === 410) return "gone";
  if (statusCode === 429) return "rate_limited";
  return `http.${statusCode}`;
}

/**
 * What follows from an outcome: `delivered`, `retry` on the schedule, `fail` at once, `gone` (fail and disable the
 * endpoint), or `ours`: a failure of this service, which is never charged to the receiver. Receivers of the profile
 * `metriport` were never told that 410 says "never again": theirs is a failure like any other. Where an endpoint takes
 * client errors for final, a 4xx fails, except those that say by themselves that a later request may succeed.
 */
export type Consequence = "delivered" | "retry" | "fail" | "gone" | "ours";

export function consequenceOf(
  outcome: OutcomeClass,
  { profile, clientErrors }: { profile: WireProfile; clientErrors: ClientErrors },
): Consequence {
  if (outcome === "ok") return "delivered";
  if (outcome === "gone") return profile === "metriport" ? "retry" : "gone";
  if (outcome === "blocked.url") return "fail";
  if (outcome.startsWith("internal.")) return "ours";
  return clientErrors === "fail" && isFinalClientError(outcome) ? "fail" : "retry";
}

/** 408 and 425 ask for another try (RFC 9110, 15.5.9; RFC 8470, 5.2); 429 has a class of its own. */
function isFinalClientError(outcome: OutcomeClass): boolean {
  return /^http\.4\d\d$/.test(outcome) && outcome !== "http.408" && outcome !== "http.425";
}

/** There was no HTTP answer at all. */
export function isTransportFailure(outcome: OutcomeClass): boolean {
  return outcome === "protocol" || /^(?:dns|connect|tls|timeout)\./.test(outcome);
}
