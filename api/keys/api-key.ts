/**
 * API keys: `phk_<keyId>_<secret><checksum>`. The prefix is for secret scanners, the id finds the row, the secret has
 * 256 random bits, so that a plain SHA-256 is all the store needs.
 */
import { hash } from "node:crypto";
import { bytesToBase62 } from "../../core/base62.js";
import type { ApiKey } from "../../core/model.js";
import { Secret } from "../../core/secret.js";
import { checksum, CHECKSUM_CHARS } from "./checksum.js";

const KEY_ID_BYTES = 9;
const KEY_ID_CHARS = 13;
const SECRET_BYTES = 32;
const SECRET_CHARS = 43;

const ID_FORM = new RegExp(`^[0-9A-Za-z]{${KEY_ID_CHARS}}$`);
const FORM = new RegExp(`^phk_([0-9A-Za-z]{${KEY_ID_CHARS}})_[0-9A-Za-z]{${SECRET_CHARS + CHECKSUM_CHARS}}$`);

/** A fresh key text from a cryptographic source such as `crypto.randomBytes`. */
export function createApiKeyText(randomBytes: (count: number) => Uint8Array): string {
  const keyId = bytesToBase62(randomBytes(KEY_ID_BYTES), KEY_ID_CHARS);
  const body = `phk_${keyId}_${bytesToBase62(randomBytes(SECRET_BYTES), SECRET_CHARS)}`;
  return body + checksum(body);
}

/** The id in a key text, or `null` if it is no key of ours or mistyped. */
export function parseApiKeyId(text: string): string | null {
  const keyId = FORM.exec(text)?.[1];
  if (keyId === undefined) return null;
  return text.slice(-CHECKSUM_CHARS) === checksum(text.slice(0, -CHECKSUM_CHARS)) ? keyId : null;
}

/** Whether `text` has the form of a key's id. */
export function isApiKeyId(text: string): boolean {
  return ID_FORM.test(text);
}

/** SHA-256 of the whole text, 64 hex digits: what the store keeps. */
export function hashApiKey(text: string): string {
  return hash("sha256", text);
}

export interface NewApiKey {
  /** To be shown once; it cannot be read again. */
  text: Secret;
  row: ApiKey;
}

/** A key and its row. `applicationId: null` makes an admin key; without bounds it may do everything, for good. */
export function createApiKey(
  options: Pick<ApiKey, "name" | "applicationId"> &
    Partial<Pick<ApiKey, "scopes" | "expiresAt" | "rateLimitPerSecond">> & {
      now: Date;
      randomBytes: (count: number) => Uint8Array;
    },
): NewApiKey {
  const text = createApiKeyText(options.randomBytes);
  const id = parseApiKeyId(text);
  if (id === null) throw new Error("a new key must parse");
  const row: ApiKey = {
    id,
    name: options.name,
    applicationId: options.applicationId,
    scopes: options.scopes ?? null,
    rateLimitPerSecond: options.rateLimitPerSecond ?? null,
    hash: hashApiKey(text),
    last4: text.slice(-4),
    createdAt: options.now,
    expiresAt: options.expiresAt ?? null,
    revokedAt: null,
    lastUsedAt: null,
  };
  return { text: new Secret(text), row };
}
