/** `@posthorn/client/verify`: for receivers of webhooks signed after Standard Webhooks 1.0, by Svix, or as Metriport does. */
import { WebhookVerificationError } from "./verification/error.js";
import type { WebhookHeaders } from "./verification/headers.js";
import { readHeaders } from "./verification/headers.js";
import { bytesOf, parseJson } from "./verification/payload.js";
import { keysOf } from "./verification/secret.js";
import type { VerificationKey, WebhookSecret } from "./verification/secret.js";
import { isSigned } from "./verification/signature.js";

export { isWebhookVerificationError, WebhookVerificationError } from "./verification/error.js";
export type { WebhookRefusal } from "./verification/error.js";
export type { WebhookHeaders } from "./verification/headers.js";
export { verifyMetriportWebhook } from "./verification/metriport.js";
export type { VerifiedMetriportWebhook, VerifyMetriportWebhookOptions } from "./verification/metriport.js";
export type { WebhookSecret } from "./verification/secret.js";

interface WebhookRequest {
  /** The body as it came, before any parsing: the signature is over its bytes. */
  payload: string | Uint8Array;
  headers: WebhookHeaders;
  /**
   * How far the timestamp may be from now, in seconds, in both directions: what was recorded longer ago is refused.
   * @default 300
   * @minimum 0
   */
  toleranceSeconds?: number | undefined;
  /** @default the current time */
  now?: Date | undefined;
}

/**
 * One `secret`, or several `secrets` of which any may match, as during a rotation. A secret (`whsec_…`) verifies signatures of
 * version `v1`, a public key (`whpk_…`) those of version `v1a`.
 */
export type VerifyWebhookOptions = WebhookRequest &
  ({ secret: WebhookSecret; secrets?: never } | { secrets: readonly WebhookSecret[]; secret?: never });

export interface VerifiedWebhook {
  /** The same at every attempt: remember it for as long as you need to recognise repetitions. */
  id: string;
  /** When this attempt was signed, to the second. */
  timestamp: Date;
  /** The payload parsed as JSON; `undefined` if it is not JSON. */
  json: unknown;
  /** The payload as it was given. */
  raw: string | Uint8Array;
}

const TOLERANCE_SECONDS = 300;

/**
 * Checks that a webhook comes from somebody who knows the secret, or has the private half of the public key, unaltered and
 * recently, and returns what it says.
 *
 * @throws WebhookVerificationError whose `reason` says why it must not be trusted
 * @throws RangeError if `toleranceSeconds` is negative or no number
 *
 * @example
 * const { id, json } = verifyWebhook({ payload: rawBody, headers: request.headers, secret: "whsec_…" });
 */
export function verifyWebhook(options: VerifyWebhookOptions): VerifiedWebhook {
  const { payload, toleranceSeconds = TOLERANCE_SECONDS, now = new Date() } = options;
  // NaN would compare as "within the tolerance".
  if (!(toleranceSeconds >= 0)) throw new RangeError("toleranceSeconds must be a number from 0");
  const keys = keysOf(options.secrets ?? [options.secret]);
  const bytes = bytesOf(payload);
  const headers = readHeaders(options.headers);
  const seconds = secondsOf(headers.timestamp);
  requireRecent(seconds, Math.floor(now.getTime() / 1000), toleranceSeconds);
  if (headers.id.includes(".")) throw new WebhookVerificationError("invalid_id", "the id has a dot");
  if (!isSigned(headers, bytes, keys)) {
    throw new WebhookVerificationError("no_matching_signature", noneMatches(keys));
  }
  return { id: headers.id, timestamp: new Date(seconds * 1000), json: parseJson(bytes), raw: payload };
}

function noneMatches(keys: readonly VerificationKey[]): string {
  const has = (version: VerificationKey["version"]): boolean => keys.some((it) => it.version === version);
  if (!has("v1a")) return "no v1 signature matches the payload and the secret";
  if (!has("v1")) return "no v1a signature matches the payload and the public key";
  return "no v1 or v1a signature matches the payload and a secret or public key";
}

function secondsOf(timestamp: string): number {
  if (/^\d{1,12}$/.test(timestamp)) return Number(timestamp);
  throw new WebhookVerificationError("invalid_timestamp", "the timestamp is not a whole number of seconds");
}

function requireRecent(seconds: number, nowSeconds: number, toleranceSeconds: number): void {
  const age = nowSeconds - seconds;
  if (age > toleranceSeconds) {
    throw new WebhookVerificationError("timestamp_too_old", `signed ${age} s ago, ${toleranceSeconds} s are allowed`);
  }
  if (-age > toleranceSeconds) {
    throw new WebhookVerificationError(
      "timestamp_too_new",
      `signed ${-age} s ahead, ${toleranceSeconds} s are allowed`,
    );
  }
}
