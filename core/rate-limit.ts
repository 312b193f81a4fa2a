/**
 * Requests to an endpoint at a steady rate with bursts (GCRA, the generic cell rate algorithm). A bucket hands out two
 * things: reservations, which put deliveries in a queue and say when their turn comes, and passes, which let a request
 * go. Passes keep the limit whatever becomes of the queue: whose turn comes in the next moment takes the next pass that is
 * free, and so does who is late.
 */

export interface RateLimit {
  /** Requests a second, 0.01..10,000. */
  perSecond: number;
  /** Requests that may go at once, 1..10,000. */
  burst: number;
}

/** A turn in the queue of an endpoint. Numbers only: it is kept in workflow histories. */
export interface Reservation {
  /** Void when the bucket has another one. */
  epoch: number;
  /** When the turn comes, ms since 1970. */
  atMs: number;
  /** The limit that it was made under, for people. */
  perSecond: number;
}

export interface RateBucket extends RateLimit {
  epoch: number;
  /** When the endpoint was changed last, ms since 1970: an older copy of it does not set the limit back. */
  asOfMs: number;
  /** Where the steady rate has got to with reservations, ms since 1970. */
  tatMs: number;
  /** The same for passes. */
  passedTatMs: number;
  /** How late for its turn the last request was that passed. */
  delayMs: number;
  /** Counts changes. */
  version: number;
}

/** The limit of an endpoint as a caller of the bucket knows it. */
export interface AskedLimit extends RateLimit {
  asOfMs: number;
}

/**
 * `reserve`: a turn, unless it has one. `go`: the same, and a pass if the turn comes within {@link AHEAD_MS}. `now`: a pass
 * whatever the queue says; it counts all the same.
 */
export interface Ask {
  kind: "reserve" | "go" | "now";
  reservation: Reservation | null;
}

export interface Turn {
  reservation: Reservation | null;
  /** It has not the reservation that it came with. */
  isNew: boolean;
  /** Set: the request may go at that time, at most {@link AHEAD_MS} from now. */
  goAtMs: number | null;
  /** When it is expected to go. */
  expectedAtMs: number;
  /** When to ask again. */
  askAgainAtMs: number;
}

/** A lane asks for a turn this long before it comes: requests of the next moment are begun together and wait for their times. */
export const ASK_AHEAD_MS = 1_000;
/** A pass may be this far ahead, so that the clock by which lanes ask may be half a second before that of a worker. */
export const AHEAD_MS = 1_500;
/** Who waits asks again this often, or after a tenth of a long wait, because the limit may have been raised. */
const ASK_AGAIN_MS = 60_000;
const ASK_AGAIN_SHARE = 0.1;

/** Asks in the order in which they are served. A bucket of `null` is made. */
export function takeTurns(
  known: RateBucket | null,
  limit: AskedLimit,
  { asks, nowMs }: { asks: readonly Ask[]; nowMs: number },
): { bucket: RateBucket; turns: Turn[] } {
  const bucket = { ...bucketFor(known, limit, nowMs) };
  const turns = asks.map((ask) => takeTurn(bucket, ask, nowMs));
  bucket.version += 1;
  return { bucket, turns };
}

/** What the bucket becomes when the endpoint's limit has changed: a new queue, and passes go on from where they are. */
function bucketFor(known: RateBucket | null, limit: AskedLimit, nowMs: number): RateBucket {
  const { perSecond, burst, asOfMs } = limit;
  if (known === null) {
    const fresh = { tatMs: nowMs, passedTatMs: nowMs, delayMs: 0, version: 0 };
    return { perSecond, burst, asOfMs, epoch: nowMs, ...fresh };
  }
  const isOther = known.perSecond !== perSecond || known.burst !== burst;
  if (!isOther || asOfMs < known.asOfMs) return known;
  const passedTatMs = Math.min(known.passedTatMs, nowMs + (burst * 1_000) / perSecond);
  const epoch = Math.max(nowMs, known.epoch + 1);
  return { perSecond, burst, asOfMs, epoch, tatMs: passedTatMs, passedTatMs, delayMs: 0, version: known.version };
}

function takeTurn(bucket: RateBucket, ask: Ask, nowMs: number): Turn {
  if (ask.kind === "now") {
    // It does not wait, and those after it do.
    for (const tat of ["tatMs", "passedTatMs"] as const) bucket[tat] = next(bucket, bucket[tat], nowMs).tatMs;
    const { reservation } = ask;
    return { reservation, isNew: false, goAtMs: nowMs, expectedAtMs: nowMs, askAgainAtMs: nowMs };
  }
  const isNew = ask.reservation?.epoch !== bucket.epoch;
  const reservation = ask.reservation === null || isNew ? reserve(bucket, nowMs) : ask.reservation;
  const { atMs } = reservation;
  const waits = (expectedAtMs: number): Turn => {
    return { reservation, isNew, goAtMs: null, expectedAtMs, askAgainAtMs: askAgainAt(expectedAtMs, nowMs) };
  };
  if (ask.kind === "reserve" || atMs > nowMs + AHEAD_MS) return waits(atMs);
  // Turns of the next moment may go before their time, and those between them, of other lanes, go after. Each at its own time
  // would leave those between to a moment that has passed when they ask.
  const pass = next(bucket, bucket.passedTatMs, nowMs);
  // Others that came late go first or at the same time; the whole queue is about that late.
  if (pass.atMs > nowMs + AHEAD_MS) return waits(Math.max(pass.atMs, atMs + bucket.delayMs));
  bucket.passedTatMs = pass.tatMs;
  bucket.delayMs = Math.max(0, pass.atMs - atMs);
  return { reservation, isNew, goAtMs: pass.atMs, expectedAtMs: pass.atMs, askAgainAtMs: pass.atMs };
}

function reserve(bucket: RateBucket, nowMs: number): Reservation {
  const { atMs, tatMs } = next(bucket, bucket.tatMs, nowMs);
  bucket.tatMs = tatMs;
  return { epoch: bucket.epoch, atMs, perSecond: bucket.perSecond };
}

/** The earliest time at or after `fromMs` that keeps the limit, and where the steady rate is after it. */
function next({ perSecond, burst }: RateLimit, tatMs: number, fromMs: number): { atMs: number; tatMs: number } {
  const intervalMs = 1_000 / perSecond;
  const atMs = Math.max(fromMs, tatMs - (burst - 1) * intervalMs);
  return { atMs, tatMs: Math.max(tatMs, atMs) + intervalMs };
}

function askAgainAt(expectedAtMs: number, nowMs: number): number {
  const waitMs = Math.max(ASK_AGAIN_MS, ASK_AGAIN_SHARE * (expectedAtMs - nowMs));
  return Math.min(expectedAtMs, nowMs + waitMs);
}
