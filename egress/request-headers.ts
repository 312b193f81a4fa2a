import type { WireProfile } from "../core/model.js";
import type { OutgoingRequest } from "../core/ports.js";
import { customHeaderProblem } from "./custom-headers.js";
import { signatureHeader } from "./signature.js";

/** Prefix of the three signature headers (Standard Webhooks 1.0, "Webhook Headers", and Svix's name for the same). */
const PREFIX: Readonly<Record<WireProfile, string>> = { standard: "webhook", svix: "svix" };

/** The product token that receivers see, as `Posthorn/1.2.3`. */
export function userAgent(version: string): string {
  return `Posthorn/${version}`;
}

function customHeaders(headers: Readonly<Record<string, string>>): string[] {
  const flat: string[] = [];
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    // Refused when they were stored; asked again because the rules may have changed since.
    if (seen.has(name.toLowerCase()) || customHeaderProblem(name, value) !== null) continue;
    seen.add(name.toLowerCase());
    flat.push(name, value);
  }
  if (!seen.has("accept")) flat.push("accept", "*/*");
  return flat;
}

/**
 * All headers of one attempt but `host`, `connection` and `content-length`, as names and values in turn, signed for `nowMs`.
 *
 * @throws Error if nothing can sign.
 */
export function requestHeaders(request: OutgoingRequest, agent: string, nowMs: number): string[] {
  const timestamp = Math.floor(nowMs / 1000);
  const prefix = PREFIX[request.profile];
  const message = { id: request.eventId, timestamp, payload: request.payload };
  return [
    "content-type",
    request.contentType,
    "user-agent",
    agent,
    // Nothing is ever decompressed, so nothing small can become large here.
    "accept-encoding",
    "identity",
    `${prefix}-id`,
    request.eventId,
    `${prefix}-timestamp`,
    String(timestamp),
    `${prefix}-signature`,
    signatureHeader(request.secrets, message),
    ...customHeaders(request.headers),
  ];
}
