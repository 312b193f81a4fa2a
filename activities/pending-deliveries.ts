/**
 * Deliveries that are being decided by first attempts, here or in another process: waits for them a moment, and says what
 * is left to the retry lanes.
 */
import { isFinal } from "../core/delivery-state.js";
import type { Delivery } from "../core/model.js";
import type { FirstTry } from "./begin-attempts.js";
import type { ActivityPorts } from "./ports.js";
import { within } from "./within.js";

/** Slow receivers are waited for this long; then their attempts belong to the retry lane. */
const WAIT_MS = 2_000;
/** Requests that are on their way after this are put on record as pending, so that people see them. */
const SHOW_MS = 300;
const POLL_MS = 200;

export interface Pending {
  delivery: Delivery;
  /** `null`: another process has it. */
  attempt: FirstTry | null;
  /** When it is certain that no first attempt is on its way any more, as far as that is known; `null`: none has begun. */
  settledByMs: () => number | null;
  /** `null` once settled without a record. */
  outcome: Delivery | null | "underway";
}

export function ownPending(delivery: Delivery, attempt: FirstTry): Pending {
  const pending: Pending = { delivery, attempt, settledByMs: attempt.settledByMs, outcome: "underway" };
  void attempt.settled.then((after) => {
    pending.outcome = after;
  });
  return pending;
}

/** `settledByMs`: when the head start of that process has run out. */
export function foreignPending(delivery: Delivery, settledByMs: number): Pending {
  return { delivery, attempt: null, settledByMs: () => settledByMs, outcome: "underway" };
}

export interface Decided {
  /** Attempted, and to be attempted again. */
  open: Delivery[];
  /** Not on record, or as pending only. */
  missing: Pending[];
}

/**
 * Waits until every delivery is decided, at most {@link WAIT_MS}. Requests that wait for a slot even then are given up, so
 * that the lane need not wait until it is certain that they are over.
 */
export async function afterWait(ports: ActivityPorts, all: readonly Pending[]): Promise<Decided> {
  await waitForOutcomes(ports, all);
  for (const it of all) if (it.outcome === "underway" && it.attempt?.withdraw() === true) it.outcome = null;
  const isMissing = (it: Pending): boolean => it.outcome === null || it.outcome === "underway";
  const open = all.flatMap(({ outcome }) =>
    outcome === "underway" || outcome === null || isFinal(outcome.status) ? [] : [outcome],
  );
  return { open, missing: all.filter(isMissing) };
}

/** The delivery as it goes on record without an attempt: due when none can be on its way any more, at the earliest `fromMs`. */
export function expectedAt(pending: Pending, fromMs: number): Delivery {
  const settledByMs = pending.outcome === "underway" ? pending.settledByMs() : null;
  return { ...pending.delivery, nextAttemptAt: new Date(settledByMs ?? fromMs) };
}

/** Other processes' attempts show in the store. */
async function waitForOutcomes(ports: ActivityPorts, all: readonly Pending[]): Promise<void> {
  const own = Promise.all(all.flatMap((it) => it.attempt?.settled ?? [])).then(() => true);
  const foreign = all.filter((it) => it.attempt === null);
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  let settled = await within(SHOW_MS, own);
  if (!settled) await show(ports, all);
  while ((!settled || foreign.some((it) => it.outcome === "underway")) && elapsedMs() < WAIT_MS) {
    await refreshForeign(ports, foreign);
    const waitMs = Math.max(0, Math.min(foreign.length > 0 ? POLL_MS : WAIT_MS, WAIT_MS - elapsedMs()));
    settled = (await within(waitMs, settled ? new Promise<never>(() => undefined) : own)) || settled;
  }
}

/**
 * Only requests that are on their way: what waits for a slot would be written twice for nothing. Those of other processes
 * are shown when they are handed over; until then their own process is about to write them.
 */
async function show(ports: ActivityPorts, all: readonly Pending[]): Promise<void> {
  const flying = all.filter((it) => it.outcome === "underway" && it.attempt !== null && it.settledByMs() !== null);
  if (flying.length > 0) await ports.deliveries.insertNew(flying.map((it) => expectedAt(it, ports.clock.now())));
}

async function refreshForeign(ports: ActivityPorts, foreign: readonly Pending[]): Promise<void> {
  const waiting = foreign.filter((it) => it.outcome === "underway");
  if (waiting.length === 0) return;
  const recorded = new Map(
    (await ports.deliveries.findByIds(waiting.map((it) => it.delivery.id))).map((it) => [it.id, it]),
  );
  for (const it of waiting) it.outcome = recorded.get(it.delivery.id) ?? "underway";
}
