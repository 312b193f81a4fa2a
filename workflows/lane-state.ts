/** What a retry lane knows of its deliveries: pure bookkeeping, so that the workflow reads as a story. */
import { AHEAD_MS, ASK_AHEAD_MS } from "../core/rate-limit.js";
import type { Reservation } from "../core/rate-limit.js";
import type { AttemptOrder, LaneCommand, LaneItem, WaitingDelivery } from "../core/workflow-contract.js";

type OpenItem = Extract<LaneItem, { kind: "open" }>;

/** Deliveries that fall due within this of each other are attempted together: later by at most this, never earlier. */
const TOGETHER_MS = 1_000;

export class LaneState {
  readonly #items = new Map<string, OpenItem>();
  /** Commands whose delivery has a first attempt on its way: settled first, then decided. */
  #deferred: LaneCommand[] = [];

  /**
   * Takes in where deliveries stand; final ones and those of other owners drop out. Turns that were asked for at `askedAtMs`
   * and have not come are not asked for again at once, even if the clock of the worker says that they come soon.
   */
  note(items: readonly LaneItem[], askedAtMs?: number): void {
    for (const item of items) {
      if (item.kind === "open") this.#items.set(item.deliveryId, item);
      else if (item.kind === "waits") this.#wait(item, askedAtMs);
      else this.#items.delete(item.deliveryId);
    }
  }

  #wait({ deliveryId, dueAtMs: at, reservation }: Extract<LaneItem, { kind: "waits" }>, askedAtMs?: number): void {
    const known = this.#items.get(deliveryId);
    if (known === undefined) return;
    const isAsked = reservation !== null && askedAtMs !== undefined;
    const dueAtMs = isAsked ? Math.max(at, askedAtMs + AHEAD_MS) : at;
    const item = { ...known, dueAtMs, unsettled: false };
    delete item.reservation;
    delete item.isTurn;
    this.#items.set(deliveryId, reservation === null ? item : { ...item, reservation, isTurn: true });
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  get deliveryIds(): string[] {
    return [...this.#items.keys()];
  }

  /** Kept commands, in the order in which they were given. */
  get deferred(): LaneCommand[] {
    return [...this.#deferred];
  }

  /** The turns of these deliveries, or those given with them; `undefined` where none has one. */
  reservationsOf(
    deliveryIds: readonly string[],
    given?: readonly (Reservation | null)[],
  ): (Reservation | null)[] | undefined {
    const turns = deliveryIds.map((id, index) => this.#items.get(id)?.reservation ?? given?.[index] ?? null);
    return turns.some((it) => it !== null) ? turns : undefined;
  }

  item(deliveryId: string): OpenItem | undefined {
    return this.#items.get(deliveryId);
  }

  /** Whether the command has to wait for a first attempt to settle; it is kept until then. */
  defer(command: LaneCommand, nowMs: number): boolean {
    const item = this.#items.get(command.deliveryId);
    if (item === undefined || !item.unsettled || item.dueAtMs <= nowMs) return false;
    this.#deferred.push(command);
    return true;
  }

  /** Kept commands whose delivery is settled now. */
  takeSettled(nowMs: number): LaneCommand[] {
    const isSettled = (it: LaneCommand): boolean => (this.#items.get(it.deliveryId)?.dueAtMs ?? 0) <= nowMs;
    const settled = this.#deferred.filter(isSettled);
    this.#deferred = this.#deferred.filter((it) => !isSettled(it));
    return settled;
  }

  get hasTurns(): boolean {
    return [...this.#items.values()].some((it) => it.isTurn === true);
  }

  /**
   * Open deliveries that are due, at most `limit`, and with `isAhead` those whose turn comes within a second: Temporal's
   * timers below that last up to a second, the activity's wait does not. Where one is due that has a turn, those go with it whose turn comes
   * within the next moment: the activity sends each at its time.
   */
  due(nowMs: number, limit: number, isAhead = false): OpenItem[] {
    const items = [...this.#items.values()];
    const due = items.filter((it) => it.dueAtMs <= nowMs + (isAhead && it.isTurn === true ? ASK_AHEAD_MS : 0));
    if (!due.some((it) => it.reservation !== undefined)) return due.slice(0, limit);
    const soon = items.filter((it) => it.dueAtMs <= nowMs + (it.reservation === undefined ? 0 : ASK_AHEAD_MS));
    return soon.sort((a, b) => placeOf(a) - placeOf(b)).slice(0, limit);
  }

  /** What is due beside those, where turns matter: they are to keep the order in which they came. */
  waitingBeside(due: readonly OpenItem[], nowMs: number): WaitingDelivery[] {
    if (!due.some((it) => it.reservation !== undefined)) return [];
    const isOrdered = new Set(due.map((it) => it.deliveryId));
    return [...this.#items.values()]
      .filter((it) => it.dueAtMs <= nowMs && !isOrdered.has(it.deliveryId))
      .map(({ deliveryId, reservation = null }) => ({ deliveryId, reservation }));
  }

  /** When to look again, and a line for the Web UI. Only asked while there are items. */
  nextWake(): { atMs: number; summary: string } {
    const items = [...this.#items.values()];
    const firstMs = Math.min(...items.map((it) => it.dueAtMs));
    const together = items.filter((it) => it.dueAtMs <= firstMs + TOGETHER_MS);
    const atMs = Math.max(...together.map((it) => it.dueAtMs));
    const [first] = together;
    if (first === undefined) return { atMs, summary: "waits" };
    const turns = items.filter((it) => it.reservation !== undefined);
    const turn = together.find((it) => it.reservation !== undefined)?.reservation;
    if (turn !== undefined) return { atMs: firstMs, summary: turnSummary(turn, turns.length) };
    const what = first.unsettled ? "waits for the first attempt to settle" : stepOf(first);
    return { atMs, summary: together.length === 1 ? what : `${what}, ${together.length} deliveries` };
  }
}

/** What an activity is told of a delivery that is due. */
export function orderOf({ deliveryId, attemptCount, reservation }: OpenItem): AttemptOrder {
  return { deliveryId, attemptCount, commandId: null, ...(reservation && { reservation }) };
}

/** What has no turn yet comes first, so that it gets one. */
function placeOf({ reservation }: OpenItem): number {
  return reservation?.atMs ?? 0;
}

function turnSummary({ perSecond }: Reservation, count: number): string {
  const what = `waits for its turn: ${perSecond} requests a second`;
  return count === 1 ? what : `${what}, ${count} deliveries`;
}

/** A line for the Web UI about attempts that are made now. */
export function summaryOf(due: readonly OpenItem[]): string {
  const [first] = due;
  if (first === undefined || due.length > 1) return `attempts for ${due.length} deliveries`;
  return `attempt ${first.attemptCount + 1}${first.retriesMade === 0 ? "" : `, ${stepOf(first)}`}`;
}

function stepOf({ retriesMade, retriesMax }: OpenItem): string {
  if (retriesMade === 0) return "first attempt";
  // Its schedule was used up before.
  return retriesMade > retriesMax ? "sent again on request" : `retry ${retriesMade} of ${retriesMax}`;
}
