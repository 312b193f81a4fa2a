/** What goes out with the profile `metriport`: a key in plain sight, a signature of the body, and `meta` in the body. */
import { createHmac } from "node:crypto";
import { v5 as uuidOfName } from "uuid";
import { isJsonObject, jsonObjectIn } from "../core/json.js";
import type { SigningSecret } from "../core/model.js";
import type { OutgoingRequest } from "../core/ports.js";

/** What its receivers know the sender by. */
export const METRIPORT_USER_AGENT = "Metriport API";

/** Of our own making; an event's message id must be the same in every version. */
const MESSAGE_IDS = "6f2c1e0a-6a0b-4d5e-9a44-6d1f0c1b7a52";

type Message = Pick<OutgoingRequest, "payload" | "contentType" | "eventId" | "eventType" | "createdAt">;

/**
 * The body: the payload if it has a complete `meta`, else the payload with what is missing. It depends on nothing but
 * what is stored of the event, so all attempts send the same bytes. What is no JSON object goes out as it is, and so
 * does one that cannot be written anew: no attempt would get further than that.
 */
export function metriportBody(message: Message): Uint8Array {
  const content = isJsonType(message.contentType) ? jsonObjectIn(message.payload) : null;
  if (content === null) return message.payload;
  const { meta, ...payload } = content;
  const given = isJsonObject(meta) ? meta : {};
  const isComplete = [given.messageId, given.when, given.type].every((it) => typeof it === "string");
  if (isComplete) return message.payload;
  const derived = {
    messageId: uuidOfName(message.eventId, MESSAGE_IDS),
    when: message.createdAt.toISOString(),
    type: message.eventType,
  };
  return Buffer.from(JSON.stringify({ meta: { ...derived, ...given }, ...payload }));
}

/**
 * The two headers by which a receiver knows the sender: older ones compare the key, newer ones verify the signature.
 *
 * @throws Error without a key
 */
export function metriportHeaders(secrets: readonly SigningSecret[], body: Uint8Array): string[] {
  const [current] = secrets;
  if (current === undefined) throw new Error("no key is alive");
  const key = current.key.reveal();
  return ["x-webhook-key", key, "x-metriport-signature", metriportSignature(key, body)];
}

/** HMAC-SHA256 of the body alone, in lower-case hex. */
export function metriportSignature(key: string, body: Uint8Array): string {
  return createHmac("sha256", key).update(body).digest("hex");
}

function isJsonType(contentType: string): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType);
}
