/** Keys of the profile `metriport`: sent as they are and used as the key of an HMAC, as UTF-8. */
import { nanoid } from "nanoid";
import { LIMITS } from "../core/limits.js";
import { Secret } from "../core/secret.js";

/** A key travels in a header, where everything else but visible ASCII means something. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** 21 characters with 126 bits of chance, the form that Metriport's own keys have. */
export function generateWebhookKey(): Secret {
  return new Secret(nanoid());
}

/** A key that a caller brings along; `null` unless it is 16 to 128 visible ASCII characters. */
export function importWebhookKey(text: string): Secret | null {
  const fits = text.length >= LIMITS.webhookKeyCharsMin && text.length <= LIMITS.webhookKeyCharsMax;
  return fits && VISIBLE.test(text) ? new Secret(text) : null;
}
