import { Buffer } from "node:buffer";
import { WebhookVerificationError } from "./error.js";

/** `whsec_` and base64 as an endpoint shows it, the same without the prefix or its padding, or the key's bytes. */
export type WebhookSecret = string | Uint8Array;

const PREFIX = "whsec_";

/** The keys to try, in the order given. @throws `invalid_secret` if there is none or one is malformed */
export function keysOf(secrets: readonly WebhookSecret[]): Uint8Array[] {
  if (secrets.length === 0) throw new WebhookVerificationError("invalid_secret", "no secret to verify with");
  return secrets.map(keyOf);
}

function keyOf(secret: WebhookSecret): Uint8Array {
  const key = typeof secret === "string" ? decode(secret) : secret;
  // An empty key makes signatures that anybody can make.
  if (!(key instanceof Uint8Array) || key.length === 0) {
    throw new WebhookVerificationError("invalid_secret", "a secret is not `whsec_` and base64");
  }
  return key;
}

function decode(secret: string): Uint8Array | null {
  const base64 = (secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret).replace(/={1,2}$/, "");
  const bytes = Buffer.from(base64, "base64");
  // Buffer.from skips what is not base64, so only text that comes back as it was is what it says.
  return bytes.toString("base64").replace(/=+$/, "") === base64 ? bytes : null;
}
