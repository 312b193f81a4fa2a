/** Ids: a kind's prefix and a KSUID whose first two payload bytes carry the fraction of the second. */
import KSUID from "ksuid";
import { bytesToBase62 } from "../core/base62.js";
import { ID_PREFIX, isId } from "../core/ids.js";
import type { IdKind } from "../core/ids.js";
import type { IdSource } from "../core/ports.js";

/** A KSUID counts seconds from here (2014-05-13T16:53:20Z). */
const EPOCH_MS = 1_400_000_000_000;
/** Two bytes of fraction: a tick is about 15 µs, so every millisecond has one of its own. */
const TICKS_PER_SECOND = 65_536;
const TICK_MAX = 2 ** 32 * TICKS_PER_SECOND - 1;
const KSUID_CHARS = 27;
const TIME_BYTES = 6;
const RANDOM_BYTES = 14;

export interface IdSourceOptions {
  /** Milliseconds since 1970. */
  now(): number;
  randomBytes(size: number): Uint8Array;
}

/**
 * Makes ids that ascend strictly within one process. More than 65,536 a second, or a clock that goes back, make ids run
 * ahead of the clock rather than repeat or descend.
 */
export function createIdSource(options: IdSourceOptions): IdSource {
  let last = -1;
  let lastId: string | null = null;
  return {
    next(kind) {
      last = Math.min(Math.max(tickAt(options.now()), last + 1), TICK_MAX);
      const id = ID_PREFIX[kind] + ksuidAt(last, options.randomBytes(RANDOM_BYTES));
      lastId = id;
      return id;
    },
    floor(kind, atMs) {
      const lowest = ksuidAt(tickAt(atMs), new Uint8Array(RANDOM_BYTES));
      return kind === "delivery"
        ? `${ID_PREFIX.delivery}${lowest}_${"0".repeat(KSUID_CHARS)}`
        : ID_PREFIX[kind] + lowest;
    },
    // Whoever makes an id asks for its time at once: what has just been written need not be read.
    timeOf: (id) => (id === lastId ? EPOCH_MS + msOf(last) : timeOf(id)),
  };
}

/** The first tick of a millisecond: rounded up, so that rounding down in `timeOf` gives the millisecond back. */
function tickAt(ms: number): number {
  const sinceEpoch = Math.max(0, Math.floor(ms) - EPOCH_MS);
  const second = Math.floor(sinceEpoch / 1000);
  return Math.min(second * TICKS_PER_SECOND + Math.ceil(((sinceEpoch % 1000) * TICKS_PER_SECOND) / 1000), TICK_MAX);
}

/** As `KSUID.fromParts` makes it, in a tenth of its time. The seconds and their fraction stand side by side: one number. */
function ksuidAt(tick: number, random: Uint8Array): string {
  const bytes = Buffer.allocUnsafe(TIME_BYTES + RANDOM_BYTES);
  bytes.writeUIntBE(tick, 0, TIME_BYTES);
  bytes.set(random, TIME_BYTES);
  return bytesToBase62(bytes, KSUID_CHARS);
}

function timeOf(id: string): number {
  const ksuid = KSUID.parse(ksuidIn(id));
  return EPOCH_MS + msOf(ksuid.timestamp * TICKS_PER_SECOND + ksuid.payload.readUInt16BE(0));
}

function msOf(tick: number): number {
  const fraction = tick % TICKS_PER_SECOND;
  return Math.floor(tick / TICKS_PER_SECOND) * 1000 + Math.floor((fraction * 1000) / TICKS_PER_SECOND);
}

/** The KSUID that carries the time: of a delivery, its event's. */
function ksuidIn(id: string): string {
  const start = id.indexOf("_") + 1;
  const prefix = id.slice(0, start);
  for (const kind of KINDS) {
    if (ID_PREFIX[kind] === prefix && isId(kind, id)) return id.slice(start, start + KSUID_CHARS);
  }
  throw new Error(`not an id: ${id}`);
}

const KINDS: readonly IdKind[] = ["application", "endpoint", "event", "delivery", "attempt", "operation", "audit"];
