/** Encryption keys for tests; what they seal is as secret as the repository. */
import { parseKeyRing } from "../../store/sealing/key-ring.js";
import type { KeyRing } from "../../store/sealing/key-ring.js";

/** An entry of `POSTHORN_ENCRYPTION_KEYS`: the same seed makes the same key. */
export function keyEntry(kid: string, seed = kid): string {
  return `${kid}:${Buffer.alloc(32, seed).toString("base64")}`;
}

export function ringOf(...entries: string[]): KeyRing {
  const read = parseKeyRing(entries.join(","));
  if (!read.ok) throw new Error(read.problems.join("\n"));
  return read.ring;
}

export const TEST_KEYS = ringOf(keyEntry("test"));
