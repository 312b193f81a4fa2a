import { LIMITS } from "../core/limits.js";
import type { UrlPolicy } from "../core/ports.js";
import type { AddressGuard } from "./address-guard.js";
import { bareHost } from "./address-guard.js";
import { addressFamily } from "./cidr-set.js";
import type { OwnListeners } from "./own-listeners.js";
import { portOf } from "./own-listeners.js";
import { isBadPort, publicPorts } from "./port-policy.js";

export interface UrlPolicyOptions {
  guard: AddressGuard;
  /** Whether public hosts must be called by name and over TLS; hosts that the operator opened need not. @default false */
  httpsOnly?: boolean;
  /** Ports of public hosts besides 80, 443, 8080 and 8443; see `isBadPort` for those that stay closed. @default none */
  additionalPorts?: readonly number[];
  /** Where callers reach this installation: what lies there is no receiver, or a delivery could cause the next one. */
  ownUrl?: string | null;
  /** Where the installation itself listens: not called, not even on hosts that the operator opened. @default nowhere */
  ownListeners?: OwnListeners;
}

interface Rules {
  guard: AddressGuard;
  httpsOnly: boolean;
  ports: readonly number[];
  own: URL | null;
  ownListeners: OwnListeners | null;
}

/** Names that never lead to a public host (RFC 6761, RFC 6762, RFC 8375, and what clouds, clusters and routers use). */
const SPECIAL_SUFFIX =
  /\.(?:localhost|localdomain|local|lan|home|corp|internal|intranet|private|svc|arpa|onion|alt|test|example|invalid)$/;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const HOST_CHARS_MAX = 253;
const OWN = "The URL leads to this installation itself.";

/** What is wrong with the text before anybody parses it: parsers drop or repair what makes them disagree. */
function textProblem(text: string): string | null {
  if (text.length > LIMITS.urlCharsMax) return `The URL is longer than ${LIMITS.urlCharsMax} characters.`;
  if (/[\p{Cc}\p{Z}\\]/u.test(text)) return "The URL contains white space, a control character or a backslash.";
  const [, authority] = /^https?:\/\/([^/?#]+)/i.exec(text) ?? [];
  if (authority === undefined) return "The URL must begin with https:// or http:// and a host.";
  if (authority.includes("@")) return "The URL contains credentials; use a custom header for them.";
  return null;
}

function publicNameProblem(name: string): string | null {
  const labels = name.split(".");
  if (name.length > HOST_CHARS_MAX || !labels.every((it) => LABEL.test(it))) return "The host name is malformed.";
  if (labels.length === 1) return "The host name has no domain.";
  if (SPECIAL_SUFFIX.test(name)) return "The host name is reserved for internal use.";
  return null;
}

/** At any port and with any scheme: all of them usually lead to the same proxy in front of this service. */
function isOwn(url: URL, host: string, own: URL | null): boolean {
  if (own === null || host !== bareHost(own.hostname)) return false;
  const path = own.pathname.replace(/\/$/, "");
  return url.pathname === path || url.pathname.startsWith(`${path}/`);
}

function publicHostProblem(url: URL, host: string, rules: Rules): string | null {
  const isLiteral = addressFamily(host) !== 0;
  if (rules.httpsOnly && url.protocol !== "https:") return "The URL must begin with https://.";
  if (rules.httpsOnly && isLiteral) return "The host must be a name, not an address.";
  if (isLiteral && !rules.guard.permits(host, host)) return "The address is not a public one of another machine.";
  if (!isLiteral) {
    const problem = publicNameProblem(host);
    if (problem !== null) return problem;
  }
  if (url.port !== "" && !rules.ports.includes(Number(url.port)))
    return `The port ${url.port} is not allowed; allowed are ${rules.ports.join(", ")}.`;
  return isOwn(url, host, rules.own) ? OWN : null;
}

function urlProblem(text: string, rules: Rules): string | null {
  const problem = textProblem(text);
  if (problem !== null) return problem;
  if (!URL.canParse(text)) return "This is not a URL.";
  const url = new URL(text);
  if (url.href.length > LIMITS.urlCharsMax) return `The URL is longer than ${LIMITS.urlCharsMax} characters.`;
  const host = bareHost(url.hostname);
  if (url.port !== "" && isBadPort(Number(url.port))) return `The port ${url.port} is never called.`;
  if (rules.ownListeners?.isAt(host, portOf(url)) === true) return OWN;
  return rules.guard.opens(host) ? null : publicHostProblem(url, host, rules);
}

/**
 * What a URL may look like, known without asking anybody: form, scheme, credentials, host, port. Names that lead to
 * private addresses pass here and fail at the guard of the connection.
 */
export function createUrlPolicy(options: UrlPolicyOptions): UrlPolicy {
  const { guard, httpsOnly, additionalPorts, ownUrl, ownListeners } = options;
  const rules: Rules = {
    guard,
    httpsOnly: httpsOnly ?? false,
    ports: publicPorts(additionalPorts ?? []),
    own: typeof ownUrl === "string" && URL.canParse(ownUrl) ? new URL(ownUrl) : null,
    ownListeners: ownListeners ?? null,
  };
  return {
    check(url) {
      const problem = urlProblem(url, rules);
      return problem === null ? { ok: true } : { ok: false, problem };
    },
  };
}
