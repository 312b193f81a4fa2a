/** Webhooks in Metriport's form: a key in a header, a signature of the body in another, what identifies them in `meta`. */
import type { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { WebhookVerificationError } from "./error.js";
import { readerOf } from "./headers.js";
import type { WebhookHeaders } from "./headers.js";
import { bytesOf, parseJson } from "./payload.js";

export interface VerifyMetriportWebhookOptions {
  /** The body as it came, before any parsing: the signature is over its bytes. Bound its size where it is read. */
  payload: string | Uint8Array;
  headers: WebhookHeaders;
  /** The webhook key as the settings show it, or up to 10 of which any may match, as while a key is replaced. */
  keys: string | readonly string[];
}

export interface VerifiedMetriportWebhook {
  /** `meta.messageId`, the same at every attempt; `null` if the body has none. */
  id: string | null;
  /** What a ping wants back as `{"pong": …}`; `null` if this is not a ping. */
  ping: string | null;
  /** The payload parsed as JSON; `undefined` if it is not JSON. */
  json: unknown;
  /** The payload as it was given. */
  raw: string | Uint8Array;
}

const KEY_HEADER = "x-webhook-key";
const SIGNATURE_HEADER = "x-metriport-signature";
const KEYS_MAX = 10;
const KEY_CHARS_MAX = 1_024;

/**
 * Checks that a webhook comes from somebody who knows the key, and returns what it says. Of `x-webhook-key` and
 * `x-metriport-signature` at least one must be there, and each that is there must be right, both for the same key.
 * Where only the key came, nothing says that the body is unaltered; neither says when it was sent, so remember `id`.
 *
 * The rules are Metriport's: the key is compared as it is (docs.metriport.com, "Webhooks", its form until July 2024); the
 * signature is HMAC-SHA256 of the raw body in lower-case hex, keyed with the key's UTF-8 bytes (`verifyWebhookSignature`
 * of `@metriport/api-sdk`). Both are compared in constant time.
 *
 * @throws WebhookVerificationError whose `reason` says why it must not be trusted
 *
 * @example
 * const { ping, json } = verifyMetriportWebhook({ payload: rawBody, headers: request.headers, keys: webhookKey });
 */
export function verifyMetriportWebhook(options: VerifyMetriportWebhookOptions): VerifiedMetriportWebhook {
  const keys = webhookKeysOf(options.keys);
  const bytes = bytesOf(options.payload);
  const read = readerOf(options.headers);
  requireMatch({ key: read(KEY_HEADER), signature: read(SIGNATURE_HEADER) }, bytes, keys);
  const json = parseJson(bytes);
  const body = isRecord(json) ? json : {};
  const meta = isRecord(body.meta) ? body.meta : {};
  return { id: textOf(meta.messageId), ping: textOf(body.ping), json, raw: options.payload };
}

/** The keys to try. @throws `invalid_secret` if there is none, one is empty, or there are too many */
export function webhookKeysOf(given: string | readonly string[]): readonly string[] {
  const keys = typeof given === "string" ? [given] : given;
  // Callers without types pass what an unset variable of the environment is.
  const count = Array.isArray(keys) ? keys.length : 0;
  if (count === 0 || count > KEYS_MAX) {
    throw new WebhookVerificationError("invalid_secret", `there must be 1 to ${KEYS_MAX} keys to verify with`);
  }
  // An empty key makes signatures that anybody can make.
  if (keys.some((it) => typeof it !== "string" || it === "" || it.length > KEY_CHARS_MAX)) {
    throw new WebhookVerificationError("invalid_secret", `a key is not a text of 1 to ${KEY_CHARS_MAX} characters`);
  }
  return keys;
}

/** @throws `missing_header`, `no_matching_key`, `no_matching_signature` */
function requireMatch(given: { key: string; signature: string }, payload: Uint8Array, keys: readonly string[]): void {
  if (given.key === "" && given.signature === "") {
    throw new WebhookVerificationError("missing_header", `missing header: ${KEY_HEADER} or ${SIGNATURE_HEADER}`);
  }
  let isKnown = false;
  let matches = false;
  // No early end: how long it takes says nothing about which key was nearly right.
  for (const key of keys) {
    const isKey = given.key === "" || isEqual(given.key, key);
    const isSigned = given.signature === "" || isEqual(given.signature, sign(key, payload));
    isKnown ||= isKey;
    matches ||= isKey && isSigned;
  }
  if (matches) return;
  throw isKnown
    ? new WebhookVerificationError(
        "no_matching_signature",
        `${SIGNATURE_HEADER} does not match the payload and the key`,
      )
    : new WebhookVerificationError("no_matching_key", `${KEY_HEADER} is not the key`);
}

function sign(key: string, payload: Uint8Array): string {
  return createHmac("sha256", key).update(payload).digest("hex");
}

/** In constant time whatever the lengths are: digests are compared. Servers bound the length of a header. */
function isEqual(given: string, expected: string): boolean {
  if (given.length > KEY_CHARS_MAX) return false;
  return timingSafeEqual(digestOf(given), digestOf(expected));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
