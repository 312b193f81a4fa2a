/**
 * Why a webhook was refused. The words are stable; tests and metrics may rely on them. Mistakes of the receiver:
 *
 * - `invalid_secret`: no secret was given, one that is not `whsec_` and base64, or a key that is not `whpk_` and base64 of
 *   32 bytes; with Metriport's form: no key, an empty one, or too many
 * - `payload_not_raw`: the payload is not the raw body; most often a framework has parsed it already
 *
 * Reasons not to trust the sender:
 *
 * - `missing_header`: neither header family has an id, a timestamp and a signature; with Metriport's form: neither a
 *   key nor a signature
 * - `invalid_id`: the id has a dot, with which one signed text could be read in two ways
 * - `invalid_timestamp`: the timestamp is not a whole, positive number of seconds
 * - `timestamp_too_old`, `timestamp_too_new`: signed too far from now
 * - `no_matching_signature`: no signature of version `v1` matches a secret, and none of `v1a` a public key: another secret
 *   or key, or other bytes than were signed
 * - `no_matching_key`: with Metriport's form, the key that came is another
 */
export type WebhookRefusal =
  | "invalid_secret"
  | "payload_not_raw"
  | "missing_header"
  | "invalid_id"
  | "invalid_timestamp"
  | "timestamp_too_old"
  | "timestamp_too_new"
  | "no_matching_signature"
  | "no_matching_key";

/** A webhook that must not be trusted. Answer with 400 or 401; its message shows neither secret nor payload. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";

  constructor(
    readonly reason: WebhookRefusal,
    message: string,
  ) {
    super(message);
  }
}

/** Whether `error` is a {@link WebhookVerificationError}, also one of another copy of this package. */
export function isWebhookVerificationError(error: unknown): error is WebhookVerificationError {
  return error instanceof Error && error.name === "WebhookVerificationError" && "reason" in error;
}
