import type { WireProfile } from "../core/model.js";
import type { OutgoingRequest } from "../core/ports.js";
import { customHeaderProblem } from "./custom-headers.js";
import { metriportBody, metriportHeaders, METRIPORT_USER_AGENT } from "./metriport-message.js";
import { signatureHeader } from "./signature.js";

/** Prefix of the three signature headers (Standard Webhooks 1.0, "Webhook Headers", and Svix's name for the same). */
const PREFIX: Readonly<Record<Exclude<WireProfile, "metriport">, string>> = { standard: "webhook", svix: "svix" };

/** The product token that receivers see, as `Posthorn/1.2.3`. */
export function userAgent(version: string): string {
  return `Posthorn/${version}`;
}

function customHeaders({ headers, profile }: OutgoingRequest): string[] {
  const flat: string[] = [];
  // With another profile these two are names like any other.
  const seen = new Set<string>(profile === "metriport" ? ["x-webhook-key", "x-metriport-signature"] : []);
  for (const [name, value] of Object.entries(headers)) {
    // Refused when they were stored; asked again because the rules may have changed since.
    if (seen.has(name.toLowerCase()) || customHeaderProblem(name, value) !== null) continue;
    seen.add(name.toLowerCase());
    flat.push(name, value);
  }
  if (!seen.has("accept")) flat.push("accept", "*/*");
  return flat;
}

/** The bytes that are signed and sent. */
export function requestBody(request: OutgoingRequest): Uint8Array {
  return request.profile === "metriport" ? metriportBody(request) : request.payload;
}

/**
 * All headers of one attempt but `host`, `connection` and `content-length`, as names and values in turn, signed for `nowMs`.
 *
 * @throws Error if nothing can sign.
 */
export function requestHeaders(
  request: OutgoingRequest,
  body: Uint8Array,
  context: { agent: string; nowMs: number },
): string[] {
  return [
    "content-type",
    request.contentType,
    "user-agent",
    request.profile === "metriport" ? METRIPORT_USER_AGENT : context.agent,
    // Nothing is ever decompressed, so nothing small can become large here.
    "accept-encoding",
    "identity",
    ...profileHeaders(request, body, context.nowMs),
    ...customHeaders(request),
  ];
}

function profileHeaders(request: OutgoingRequest, body: Uint8Array, nowMs: number): string[] {
  if (request.profile === "metriport") return metriportHeaders(request.secrets, body);
  const timestamp = Math.floor(nowMs / 1000);
  const prefix = PREFIX[request.profile];
  const signature = signatureHeader(request, { id: request.eventId, timestamp, payload: body });
  return [`${prefix}-id`, request.eventId, `${prefix}-timestamp`, String(timestamp), `${prefix}-signature`, signature];
}
