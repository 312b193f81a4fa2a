/**
 * What a failed attempt means and what the owner of the endpoint can do about it, for every class. `docs/outcomes.md` is
 * generated from these tables.
 */
import type { OutcomeClass } from "./outcome.js";

export interface OutcomeHelp {
  /** What happened, to be continued or shown as it is; never with an address. */
  meaning: string;
  /** What the owner of the endpoint can do. */
  remedy: string;
}

type NamedFailure = Exclude<OutcomeClass, "ok" | `http.${number}`>;

/** One text for both: whether a name or an address was refused tells about the network that this service runs in. */
const NOT_ALLOWED: OutcomeHelp = {
  meaning: "destination not allowed",
  remedy:
    "Use a public host name that leads to public addresses only; receivers in private networks are opened by the operator of this installation.",
};

const OURS = "Nothing; the operator of this installation finds the cause in its log.";

export const FAILURES: Readonly<Record<NamedFailure, OutcomeHelp>> = {
  redirect: {
    meaning: "the receiver answered with a redirect; redirects are not followed",
    remedy: "Set the endpoint's URL to where the redirect leads, often `https://` or a slash at the end.",
  },
  gone: {
    meaning: "the receiver answered that the endpoint is gone",
    remedy: "If it is not, correct the URL or the receiver, then enable the endpoint again.",
  },
  rate_limited: {
    meaning: "the receiver answered that it gets too many requests",
    remedy: "Raise the receiver's limit, or let it answer with `Retry-After`, which is followed.",
  },
  "dns.failed": {
    meaning: "the host name could not be resolved",
    remedy: "Check the name servers of the domain: they answered with a failure.",
  },
  "dns.not_found": {
    meaning: "the host name was not found",
    remedy: "Check the spelling of the host, and that it has an A or AAAA record.",
  },
  "connect.refused": {
    meaning: "the connection was refused",
    remedy: "Check that the receiver runs, that it listens on the port of the URL, and that no firewall is in between.",
  },
  "connect.reset": {
    meaning: "the receiver closed the connection without an answer",
    remedy: "Look for a crash or a restart of the receiver, or for a proxy or firewall that drops the request.",
  },
  "connect.unreachable": {
    meaning: "the receiver's network cannot be reached",
    remedy: "Check the addresses of the host name and the routes to them, IPv6 among them.",
  },
  "connect.failed": {
    meaning: "the connection failed",
    remedy: "Check that the receiver can be reached from the Internet at the host and port of the URL.",
  },
  "tls.expired": {
    meaning: "the receiver's certificate is expired or not valid yet",
    remedy: "Renew the certificate, and restart the receiver if it still shows the old one.",
  },
  "tls.untrusted": {
    meaning: "the receiver's certificate is not signed by a trusted authority",
    remedy:
      "Install a certificate of a public authority, together with its intermediate certificates; a private authority is added by the operator.",
  },
  "tls.hostname": {
    meaning: "the receiver's certificate is for another host name",
    remedy: "Install a certificate that names the host of the URL, or use the host that it names.",
  },
  "tls.protocol": {
    meaning: "the receiver does not speak TLS 1.2 or newer at this port",
    remedy: "Check the port and the scheme of the URL, and switch on TLS 1.2 or 1.3 at the receiver.",
  },
  "tls.failed": {
    meaning: "the TLS handshake failed",
    remedy: "Test the receiver with `openssl s_client`; it may ask for a client certificate or for unusual ciphers.",
  },
  "timeout.dns": {
    meaning: "no name server answered in time",
    remedy: "Check that the name servers of the domain answer within a second.",
  },
  "timeout.connect": {
    meaning: "the connection took too long",
    remedy: "Check for a firewall that drops packets silently, and whether the receiver is overloaded.",
  },
  "timeout.headers": {
    meaning: "the receiver did not answer in time",
    remedy: "Answer 2xx as soon as the event is stored and work on it afterwards, or raise the endpoint's `timeoutMs`.",
  },
  "timeout.total": {
    meaning: "no connection was free or ready in time",
    remedy: "Let the receiver answer faster: its slow answers occupy all connections.",
  },
  protocol: {
    meaning: "the receiver's answer is not valid HTTP/1.1",
    remedy:
      "Check that the port belongs to an HTTP server. An answer may have one length, 128 header fields, 16 KiB of them and eight 1xx answers before it.",
  },
  "blocked.url": NOT_ALLOWED,
  "blocked.address": NOT_ALLOWED,
  "internal.signing": { meaning: "Posthorn could not sign the request", remedy: OURS },
  "internal.proxy": { meaning: "Posthorn could not use its egress proxy", remedy: OURS },
  "internal.error": { meaning: "Posthorn could not make the request", remedy: OURS },
};

export interface StatusHelp extends OutcomeHelp {
  /** How the documentation names these statuses. */
  label: string;
  /** One of them, to look up what follows. */
  example: `http.${number}`;
  /** Whether a status is one of them; the first row that says so counts. */
  matches(status: number): boolean;
}

const ANSWERED = "the receiver answered with a failure";

/** Statuses that have no class of their own. */
export const FAILED_STATUSES: readonly StatusHelp[] = [
  {
    label: "http.401, http.403",
    example: "http.401",
    matches: (status) => status === 401 || status === 403,
    meaning: ANSWERED,
    remedy:
      "Compare the signing secret and the endpoint's custom headers with what the receiver expects, and look for a firewall that takes the request for an attack.",
  },
  {
    label: "http.404, http.405",
    example: "http.404",
    matches: (status) => status === 404 || status === 405,
    meaning: ANSWERED,
    remedy: "Check the path of the URL, and that the receiver takes POST there.",
  },
  {
    label: "http.413",
    example: "http.413",
    matches: (status) => status === 413,
    meaning: ANSWERED,
    remedy: "Raise the limit for request bodies at the receiver and at every proxy before it, or publish less at once.",
  },
  {
    label: "http.4xx",
    example: "http.400",
    matches: (status) => status >= 400 && status <= 499,
    meaning: ANSWERED,
    remedy: "Read the stored answer and the receiver's log: it takes the request for a wrong one.",
  },
  {
    label: "http.502, http.503, http.504",
    example: "http.503",
    matches: (status) => status >= 502 && status <= 504,
    meaning: ANSWERED,
    remedy: "Check that the receiver runs behind its proxy or balancer, and whether it is overloaded.",
  },
  {
    label: "http.5xx",
    example: "http.500",
    matches: (status) => status >= 500 && status <= 599,
    meaning: ANSWERED,
    remedy: "Look for the error in the receiver's log at this time.",
  },
  {
    label: "http.*",
    example: "http.600",
    matches: () => true,
    meaning: ANSWERED,
    remedy: "Let the receiver answer with a status from 200 to 299 when it has taken the event.",
  },
];

/** What happened and what to do; `null` for success. */
export function helpFor(outcome: OutcomeClass): OutcomeHelp | null {
  if (outcome === "ok") return null;
  if (!isStatus(outcome)) return FAILURES[outcome];
  const status = Number(outcome.slice("http.".length));
  return FAILED_STATUSES.find((it) => it.matches(status)) ?? null;
}

function isStatus(outcome: OutcomeClass): outcome is `http.${number}` {
  return outcome.startsWith("http.");
}

/** What the owner of an endpoint can do about an attempt that came to this; `null` for success. */
export function remedyOf(outcome: OutcomeClass): string | null {
  return helpFor(outcome)?.remedy ?? null;
}
