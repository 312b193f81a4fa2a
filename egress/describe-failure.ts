import { DESTINATION_NOT_ALLOWED } from "./egress-error.js";
import type { FailureClass } from "./classify-error.js";

const SENTENCES: Readonly<Record<string, string>> = {
  redirect: "the receiver answered with a redirect; redirects are not followed",
  gone: "the receiver answered that the endpoint is gone",
  rate_limited: "the receiver answered that it gets too many requests",
  "dns.failed": "the host name could not be resolved",
  "dns.not_found": "the host name was not found",
  "connect.refused": "the connection was refused",
  "connect.reset": "the receiver closed the connection without an answer",
  "connect.unreachable": "the receiver's network cannot be reached",
  "connect.failed": "the connection failed",
  "tls.expired": "the receiver's certificate is expired or not valid yet",
  "tls.untrusted": "the receiver's certificate is not signed by a trusted authority",
  "tls.hostname": "the receiver's certificate is for another host name",
  "tls.protocol": "the receiver does not speak TLS 1.2 or newer at this port",
  "tls.failed": "the TLS handshake failed",
  "timeout.dns": "no name server answered in time",
  "timeout.connect": "the connection took too long",
  "timeout.headers": "the receiver did not answer in time",
  "timeout.total": "no connection was free or ready in time",
  protocol: "the receiver's answer is not valid HTTP/1.1",
  "blocked.url": DESTINATION_NOT_ALLOWED,
  "blocked.address": DESTINATION_NOT_ALLOWED,
  "internal.store": "Posthorn could not reach its store",
  "internal.signing": "Posthorn could not sign the request",
  "internal.error": "Posthorn could not make the request",
} satisfies Record<Exclude<FailureClass, `http.${number}`>, string>;

/** A failure in words, for people who look at an attempt; never with an address. */
export function describeFailure(outcome: FailureClass, statusCode: number | null): string {
  const sentence = SENTENCES[outcome] ?? "the receiver answered with a failure";
  return statusCode === null ? sentence : `${sentence} (HTTP ${statusCode})`;
}
