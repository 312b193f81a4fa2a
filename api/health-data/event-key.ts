/** Idempotency keys: the same content makes the same key, so that a repeated request stores nothing twice. */
import { createHash } from "node:crypto";
import { LIMITS } from "../../core/limits.js";

const HASH_CHARS = 32;

/**
 * The parts with dots between them. What does not belong into a key becomes `_`; a key that would be too long is cut and
 * ends with a hash of the whole.
 *
 * @param revision of a correction; makes it another key
 */
export function eventKey(parts: readonly string[], revision: string | undefined): string {
  const whole = [...parts, ...(revision === undefined ? [] : [`r${revision}`])].join(".");
  const key = whole.replaceAll(/[^a-zA-Z0-9_.-]/g, "_");
  if (key.length <= LIMITS.eventIdCharsMax) return key;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, HASH_CHARS);
  return `${key.slice(0, LIMITS.eventIdCharsMax - HASH_CHARS - 1)}.${hash}`;
}

/** A time as it stands in keys: however it was written, the same moment looks the same. */
export function keyTime(time: string | number): string {
  return new Date(time).toISOString();
}
