import { aliveAt } from "../core/alive-secrets.js";
import type { KeyObject } from "node:crypto";
import { createHmac, createSecretKey } from "node:crypto";
import { LIMITS } from "../core/limits.js";
import type { SigningSecret } from "../core/model.js";
import { Secret } from "../core/secret.js";
import { signV1a } from "./signature-v1a.js";

const PREFIX = "whsec_";
const GENERATED_BYTES = 32;
/** What Svix takes as the secret of an endpoint. */
const IMPORTABLE = /^(?:whsec_)?([a-zA-Z0-9+/=]{32,100})$/;

export interface SignedMessage {
  /** `webhook-id`: the event's id, without a dot. */
  id: string;
  /** `webhook-timestamp`: whole seconds since 1970, of this attempt. */
  timestamp: number;
  payload: Uint8Array;
}

/** The bytes of a secret, or `null` unless it is `whsec_` and strict base64 of 24..64 bytes. The prefix may be missing. */
export function parseSigningSecret(text: string): Buffer | null {
  const [, base64] = IMPORTABLE.exec(text) ?? [];
  if (base64 === undefined) return null;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < LIMITS.secretBytesMin || bytes.length > LIMITS.secretBytesMax) return null;
  // Buffer.from skips what is no base64, so only text that comes back as it was is what it says.
  return bytes.toString("base64") === base64 ? bytes : null;
}

/** A secret that a caller brings along, with the prefix it is stored with; `null` if it is none. */
export function importSigningSecret(text: string): Secret | null {
  if (parseSigningSecret(text) === null) return null;
  return new Secret(text.startsWith(PREFIX) ? text : PREFIX + text);
}

/** A new secret of 32 bytes from a cryptographic source such as `crypto.randomBytes`. */
export function generateSigningSecret(randomBytes: (bytes: number) => Uint8Array): Secret {
  return new Secret(PREFIX + Buffer.from(randomBytes(GENERATED_BYTES)).toString("base64"));
}

/** One signature of the scheme v1 (Standard Webhooks 1.0, "Signature scheme"): HMAC-SHA256 over `id.timestamp.payload`. */
export function signV1(key: KeyObject, message: SignedMessage): string {
  const hmac = createHmac("sha256", key).update(`${message.id}.${message.timestamp}.`).update(message.payload);
  return `v1,${hmac.digest("base64")}`;
}

/** Keys ready for use, for as long as somebody holds the secret: a cache that can neither grow nor outlive its owner. */
const keys = new WeakMap<Secret, KeyObject>();

function keyOf(secret: Secret): KeyObject {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const bytes = parseSigningSecret(secret.reveal());
  if (bytes === null) throw new Error("a signing secret is malformed");
  const key = createSecretKey(bytes);
  keys.set(secret, key);
  return key;
}

export interface SigningKeys {
  /** For `v1`; one of them at least must be alive. */
  secrets: readonly SigningSecret[];
  /** For `v1a`; none: it is left out. */
  asymmetricKeys: readonly SigningSecret[];
}

/**
 * The value of the signature header: one signature for every secret that is alive, in their order, newest first, and then
 * one for every private key.
 *
 * @throws Error if a secret or a key is malformed, no secret is alive, or the id could be mistaken for more than an id.
 */
export function signatureHeader({ secrets, asymmetricKeys }: SigningKeys, message: SignedMessage): string {
  if (!/^[A-Za-z0-9_-]+$/.test(message.id))
    throw new Error("the id of a signed message has other characters than an id");
  const atMs = message.timestamp * 1000;
  const alive = aliveAt(secrets, atMs);
  if (alive.length === 0) throw new Error("no signing secret is alive");
  const v1 = alive.map(({ key }) => signV1(keyOf(key), message));
  const v1a = aliveAt(asymmetricKeys, atMs).map((it) => it.key);
  return [...v1, ...signV1a(v1a, message)].join(" ");
}
