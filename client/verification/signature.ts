import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { isMadeWith } from "./ed25519.js";
import type { SignedHeaders } from "./headers.js";
import type { VerificationKey } from "./secret.js";

/** To check one costs forty times an HMAC. Senders list few; more could only keep the receiver busy. */
const V1A_SIGNATURES_MAX = 16;

/**
 * Whether one of the listed signatures is the one that one of the keys makes, or has made (Standard Webhooks 1.0: HMAC-SHA256
 * or ed25519 over `id.timestamp.payload`). Signatures of other versions are ignored, and those after the 16th of ed25519.
 */
export function isSigned(headers: SignedHeaders, payload: Uint8Array, keys: readonly VerificationKey[]): boolean {
  const hmacs = listed(headers, "v1,").map((it) => Buffer.from(it));
  const signatures = listed(headers, "v1a,").slice(0, V1A_SIGNATURES_MAX);
  const head = Buffer.from(`${headers.id}.${headers.timestamp}.`);
  let matches = false;
  // No early end among secrets: how long it takes says nothing about which of them or which signature was nearly right.
  for (const key of keys) {
    if (key.version === "v1") {
      const hmac = createHmac("sha256", key.bytes).update(head).update(payload).digest("base64");
      if (isAmong(hmacs, hmac)) matches = true;
    } else if (!matches && signatures.length > 0) {
      const content = Buffer.concat([head, payload]);
      matches = signatures.some((it) => isMadeWith(key.publicKey, content, it));
    }
  }
  return matches;
}

/** The signatures of one version, in their order. */
function listed({ signature }: SignedHeaders, prefix: "v1," | "v1a,"): string[] {
  return signature
    .split(" ")
    .filter((it) => it.startsWith(prefix))
    .map((it) => it.slice(prefix.length));
}

function isAmong(given: readonly Buffer[], hmac: string): boolean {
  const expected = Buffer.from(hmac);
  let matches = false;
  for (const each of given) {
    if (each.length === expected.length && timingSafeEqual(each, expected)) matches = true;
  }
  return matches;
}
