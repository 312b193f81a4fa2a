/** Signed requests as a sender makes them, by hand: an independent reading of Standard Webhooks 1.0. */
import { createHmac } from "node:crypto";

export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
export const NOW = new Date("2026-11-22T15:00:00Z");
export const NOW_SECONDS = NOW.getTime() / 1000;
/** A signature that is none of any message here. */
export const DECOY = "Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";

export interface Signed {
  id?: string;
  timestamp?: number | string;
  payload?: string | Uint8Array;
  secret?: string;
}

/** One `v1,…` signature. */
export function signatureOf(message: Signed = {}): string {
  const { id = "msg_1", timestamp = NOW_SECONDS, payload = '{"a":1}', secret = SECRET } = message;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(payload).digest("base64")}`;
}

/** The three headers of a message, of the family `webhook` or `svix`. */
export function headersOf(message: Signed = {}, family = "webhook"): Record<string, string> {
  const { id = "msg_1", timestamp = NOW_SECONDS } = message;
  return {
    [`${family}-id`]: id,
    [`${family}-timestamp`]: String(timestamp),
    [`${family}-signature`]: signatureOf(message),
  };
}
