/**
 * `dev` without keys: who may act as admin just by being on this machine. A browser on this machine runs pages of
 * strangers, so a loopback socket alone is not enough: DNS rebinding shows in `Host`, other sites in `Origin`.
 */
import type { IncomingMessage } from "node:http";
import { PosthornError } from "../core/errors.js";

/** What proxies add. One on this machine forwards strangers, so whoever sends one of these is not known to be local. */
const FORWARDING = [
  ...["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"],
  ...["x-forwarded-server", "x-real-ip", "x-client-ip", "x-original-host", "true-client-ip", "cf-connecting-ip"],
];
/** What webhooks carry. Ours are sent from this machine, to where a tenant likes. */
const OF_WEBHOOKS = [
  ...["webhook-id", "webhook-timestamp", "webhook-signature", "svix-id", "svix-timestamp", "svix-signature"],
  ...["x-webhook-key", "x-metriport-signature"],
];
/** The product token of deliveries; receivers see it as `Posthorn/1.2.3`. */
const WEBHOOK_AGENT = /\bposthorn\//i;
const LOCAL_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
/** What `Sec-Fetch-Site` says of pages of another origin. Another port of this machine is the same site. */
const FOREIGN_SITES: ReadonlySet<string> = new Set(["cross-site", "same-site"]);

/**
 * Whether a request without a key comes from this machine, from no other origin, and is no webhook.
 *
 * @throws `forbidden` if a page of another origin seems to be behind it
 */
export function isLocalCaller(request: IncomingMessage): boolean {
  const { headers } = request;
  if ([...FORWARDING, ...OF_WEBHOOKS].some((name) => headers[name] !== undefined)) return false;
  if (WEBHOOK_AGENT.test(headers["user-agent"] ?? "")) return false;
  // The peer itself: trusted proxies mean nothing here.
  if (!isLoopback(request.socket.remoteAddress)) return false;
  const own = urlOf(`http://${headers.host ?? ""}`);
  if (own === null || !LOCAL_NAMES.has(own.hostname)) {
    throw new PosthornError("forbidden", "Without an API key the host must be localhost, 127.0.0.1 or [::1].");
  }
  const { origin, "sec-fetch-site": site } = headers;
  // With the port: what else listens on this machine serves pages, too.
  const isForeign = origin !== undefined && urlOf(origin)?.origin !== own.origin;
  if (isForeign || FOREIGN_SITES.has(String(site))) {
    throw new PosthornError("forbidden", "Pages of other sites and ports need an API key.");
  }
  return true;
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === "::1" || /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
