/** The body of a webhook: as bytes, which is what is signed, and as what it says. */
import { Buffer } from "node:buffer";
import { WebhookVerificationError } from "./error.js";

/** The bytes of a raw body. @throws `payload_not_raw` for anything else, such as a body that was parsed before */
export function bytesOf(payload: unknown): Uint8Array {
  if (typeof payload === "string") return Buffer.from(payload);
  if (payload instanceof Uint8Array) return payload;
  throw new WebhookVerificationError("payload_not_raw", "the payload must be the raw body, as text or bytes");
}

/** The payload parsed as JSON; `undefined` if it is not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
