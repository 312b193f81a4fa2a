/** Keys and signatures of version `v1a` (Standard Webhooks 1.0): ed25519, with a private key that only the sender has. */
import { Buffer } from "node:buffer";
import type { KeyObject } from "node:crypto";
import { createPublicKey, verify } from "node:crypto";
import { WebhookVerificationError } from "./error.js";

const PREFIX = "whpk_";
const FORM = /^[A-Za-z0-9+/]{43}=?$/;
/** What stands before the 32 bytes of a key in SPKI, which Node reads (RFC 8410, section 4). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");
const SIGNATURE_BYTES = 64;

export function isPublicKey(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** `whpk_` and base64 of 32 bytes; the padding may be missing. @throws `invalid_secret` for anything else */
export function parsePublicKey(text: string): KeyObject {
  const base64 = text.slice(PREFIX.length);
  const bytes = Buffer.from(base64, "base64");
  // Buffer.from ignores bits to spare, so only text that comes back as it was is what it says.
  if (!FORM.test(base64) || bytes.toString("base64").replace("=", "") !== base64.replace("=", "")) {
    throw new WebhookVerificationError("invalid_secret", "a public key is not `whpk_` and base64 of 32 bytes");
  }
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, bytes]), format: "der", type: "spki" });
}

/** Whether a signature, in base64, is of `content` and made with the private half of the key. */
export function isMadeWith(key: KeyObject, content: Uint8Array, signature: string): boolean {
  const bytes = Buffer.from(signature, "base64");
  // One signature has one text.
  if (bytes.length !== SIGNATURE_BYTES || bytes.toString("base64") !== signature) return false;
  return verify(null, content, key, bytes);
}
