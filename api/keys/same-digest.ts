import { timingSafeEqual } from "node:crypto";

const BYTES = 32;

/** Whether two SHA-256 in hex are the same, in a time that tells nothing about them. One that was damaged matches nothing. */
export function isSameDigest(one: string, other: string): boolean {
  const left = Buffer.from(one, "hex");
  const right = Buffer.from(other, "hex");
  return left.length === BYTES && right.length === BYTES && timingSafeEqual(left, right);
}
