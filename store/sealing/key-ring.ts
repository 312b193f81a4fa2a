/** The keys that values are sealed with: `kid:base64` entries, the first of which seals. */
import { createSecretKey } from "node:crypto";
import type { KeyObject } from "node:crypto";

export interface KeyRing {
  /** The key that new values are sealed with. */
  readonly activeKid: string;
  /** All of them, the active one first. */
  readonly kids: readonly string[];
  keyOf(kid: string): KeyObject | undefined;
}

export type KeyRingResult = { ok: true; ring: KeyRing } | { ok: false; problems: string[] };

const KEY_BYTES = 32;
const KEYS_MAX = 16;
const KID = /^[a-z0-9-]{1,16}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Reads `kid:base64(32 bytes)` entries, 1 to 16 of them, separated by commas. Everything that is wrong is named, by the
 * entry's place and its kid. Nothing of what may be a key is repeated.
 */
export function parseKeyRing(text: string): KeyRingResult {
  const entries = text.split(",").map((entry, index) => parseEntry(entry.trim(), index + 1));
  const sound = entries.filter((it) => "bytes" in it);
  const problems = [...entries.flatMap((it) => ("problem" in it ? [it.problem] : [])), ...repetitions(sound)];
  if (entries.length > KEYS_MAX) problems.push(`has ${entries.length} keys, ${KEYS_MAX} at most`);
  const [active] = sound;
  if (problems.length > 0 || active === undefined) return { ok: false, problems };
  const keys = new Map(sound.map(({ kid, bytes }) => [kid, createSecretKey(bytes)]));
  return { ok: true, ring: { activeKid: active.kid, kids: [...keys.keys()], keyOf: (kid) => keys.get(kid) } };
}

/** An entry with a new key. Its kid tells the day: `20260131-7f3a`. */
export function newKeyEntry(randomBytes: (bytes: number) => Buffer, now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll("-", "");
  return `${day}-${randomBytes(2).toString("hex")}:${randomBytes(KEY_BYTES).toString("base64")}`;
}

type Entry = { place: number; kid: string; bytes: Buffer } | { problem: string };
type SoundEntry = Extract<Entry, { bytes: Buffer }>;

function parseEntry(text: string, place: number): Entry {
  const colon = text.indexOf(":");
  if (colon === -1) return { problem: `entry ${place} is not of the form kid:base64` };
  const kid = text.slice(0, colon);
  if (!KID.test(kid)) return { problem: `entry ${place}: the kid must be 1 to 16 of a-z, 0-9 and -` };
  const named = `entry ${place} (${kid})`;
  const base64 = text.slice(colon + 1);
  const bytes = Buffer.from(base64, "base64");
  // Buffer.from skips what is no base64, so only text that comes back as it was is what it says.
  if (!BASE64.test(base64) || bytes.toString("base64") !== base64)
    return { problem: `${named}: the key is not base64` };
  if (bytes.length !== KEY_BYTES) return { problem: `${named}: the key has ${bytes.length} bytes, not ${KEY_BYTES}` };
  if (bytes.every((byte) => byte === 0)) return { problem: `${named}: the key is all zeros` };
  return { place, kid, bytes };
}

function repetitions(entries: readonly SoundEntry[]): string[] {
  return entries.flatMap((entry, index) => {
    const before = entries.slice(0, index);
    const sameKid = before.find((it) => it.kid === entry.kid);
    const sameKey = before.find((it) => it.bytes.equals(entry.bytes));
    return [
      ...(sameKid ? [`entries ${sameKid.place} and ${entry.place} have the same kid (${entry.kid})`] : []),
      ...(sameKey ? [`entries ${sameKey.place} and ${entry.place} have the same key`] : []),
    ];
  });
}
