import { Buffer } from "node:buffer";
import type { KeyObject } from "node:crypto";
import { isPublicKey, parsePublicKey } from "./ed25519.js";
import { WebhookVerificationError } from "./error.js";

/**
 * What verifies a signature of version `v1`: `whsec_` and base64 as an endpoint shows it, the same without the prefix or its
 * padding, or the secret's bytes. Or what verifies one of version `v1a`: `whpk_` and base64, the endpoint's public key. The
 * prefix of a public key must not be missing: without it, it would be a secret that everybody knows.
 */
export type WebhookSecret = string | Uint8Array;

export type VerificationKey = { version: "v1"; bytes: Uint8Array } | { version: "v1a"; publicKey: KeyObject };

const PREFIX = "whsec_";
const PRIVATE_PREFIX = "whsk_";

/** The keys to try, in the order given. @throws `invalid_secret` if there is none or one is malformed */
export function keysOf(secrets: readonly WebhookSecret[]): VerificationKey[] {
  if (secrets.length === 0) throw new WebhookVerificationError("invalid_secret", "no secret to verify with");
  return secrets.map(keyOf);
}

function keyOf(secret: WebhookSecret): VerificationKey {
  if (typeof secret !== "string") return { version: "v1", bytes: checked(secret) };
  if (isPublicKey(secret)) return { version: "v1a", publicKey: parsePublicKey(secret) };
  if (secret.startsWith(PRIVATE_PREFIX)) {
    const remedy = "receivers verify with the public one, `whpk_` and base64";
    throw new WebhookVerificationError("invalid_secret", `a private key was given: ${remedy}`);
  }
  return { version: "v1", bytes: checked(decode(secret)) };
}

/** Callers without types pass anything. */
function checked(bytes: unknown): Uint8Array {
  // An empty key makes signatures that anybody can make.
  if (bytes instanceof Uint8Array && bytes.length > 0) return bytes;
  throw new WebhookVerificationError("invalid_secret", "a secret is not `whsec_` and base64");
}

function decode(secret: string): Uint8Array | null {
  const base64 = (secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret).replace(/={1,2}$/, "");
  const bytes = Buffer.from(base64, "base64");
  // Buffer.from skips what is not base64, so only text that comes back as it was is what it says.
  return bytes.toString("base64").replace(/=+$/, "") === base64 ? bytes : null;
}
