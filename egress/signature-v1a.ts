/**
 * Signatures of the scheme v1a (Standard Webhooks 1.0, "Signature scheme"): ed25519, for receivers that cannot keep a secret.
 * A private key is `whsk_` and base64 of its seed and its public half, a public key `whpk_` and base64 of that half.
 */
import type { KeyObject } from "node:crypto";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { Secret } from "../core/secret.js";
import type { SignedMessage } from "./signature.js";

const PRIVATE_PREFIX = "whsk_";
const PUBLIC_PREFIX = "whpk_";
const HALF_BYTES = 32;
const PRIVATE_FORM = /^whsk_([A-Za-z0-9+/]{86}==)$/;
/** What stands before the seed in PKCS #8, which Node reads (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** A new key made from a seed of 32 bytes from a cryptographic source such as `crypto.randomBytes`. */
export function generatePrivateKey(randomBytes: (bytes: number) => Uint8Array): Secret {
  const seed = Buffer.from(randomBytes(HALF_BYTES));
  const publicHalf = publicHalfOf(privateKeyOfSeed(seed));
  return new Secret(PRIVATE_PREFIX + Buffer.concat([seed, publicHalf]).toString("base64"));
}

/**
 * What receivers verify with: `whpk_` and base64 of 32 bytes.
 *
 * @throws Error if the private key is malformed
 */
export function publicKeyOf(key: Secret): string {
  return PUBLIC_PREFIX + publicHalfOf(keyOf(key)).toString("base64");
}

/**
 * One signature for each key, in their order, over `id.timestamp.payload`.
 *
 * @throws Error if a key is malformed
 */
export function signV1a(keys: readonly Secret[], { id, timestamp, payload }: SignedMessage): string[] {
  if (keys.length === 0) return [];
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), payload]);
  return keys.map((key) => `v1a,${sign(null, content, keyOf(key)).toString("base64")}`);
}

/** Keys ready for use, for as long as somebody holds the secret. */
const keys = new WeakMap<Secret, KeyObject>();

function keyOf(secret: Secret): KeyObject {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = parsePrivateKey(secret.reveal());
  if (key === null) throw new Error("a private signing key is malformed");
  keys.set(secret, key);
  return key;
}

/** `null` unless it is strict base64 of a seed and the public half that belongs to it. */
function parsePrivateKey(text: string): KeyObject | null {
  const [, base64] = PRIVATE_FORM.exec(text) ?? [];
  if (base64 === undefined) return null;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return null;
  const key = privateKeyOfSeed(bytes.subarray(0, HALF_BYTES));
  // With another half, receivers would be told a key that verifies nothing.
  return publicHalfOf(key).equals(bytes.subarray(HALF_BYTES)) ? key : null;
}

function privateKeyOfSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: "der", type: "pkcs8" });
}

function publicHalfOf(privateKey: KeyObject): Buffer {
  // The last bytes of the form SPKI (RFC 8410, section 4).
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-HALF_BYTES);
}
