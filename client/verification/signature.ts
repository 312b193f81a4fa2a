import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { SignedHeaders } from "./headers.js";

const VERSION = "v1,";

/**
 * Whether one of the listed signatures is the one that one of the keys makes (Standard Webhooks 1.0: HMAC-SHA256 over
 * `id.timestamp.payload`). Signatures of other versions are ignored.
 */
export function isSigned(headers: SignedHeaders, payload: Uint8Array, keys: readonly Uint8Array[]): boolean {
  const given = headers.signature
    .split(" ")
    .filter((it) => it.startsWith(VERSION))
    .map((it) => Buffer.from(it.slice(VERSION.length)));
  let matches = false;
  for (const key of keys) {
    const expected = Buffer.from(sign(key, headers, payload));
    // No early end: how long it takes says nothing about which secret or signature was nearly right.
    for (const signature of given) {
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) matches = true;
    }
  }
  return matches;
}

function sign(key: Uint8Array, { id, timestamp }: SignedHeaders, payload: Uint8Array): string {
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(payload).digest("base64");
}
