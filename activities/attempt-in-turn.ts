/**
 * The turns of a retry lane at an endpoint with a rate limit: which orders may go in the next moment and when, and until
 * when the others wait. Waiting is the lane's: no slot and no activity is kept for it, but for the last second.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { needsOwner } from "../core/delivery-state.js";
import type { Delivery, Endpoint } from "../core/model.js";
import type { Ask, Reservation, Turn } from "../core/rate-limit.js";
import type { AttemptOrder, LaneItem, WaitingDelivery } from "../core/workflow-contract.js";
import type { ActivityPorts } from "./ports.js";
import { byPlace, limitOf } from "./turns.js";

/** A request that is later than this, for want of a slot, needs another pass: many at once would exceed the limit. */
const LATE_MS = 1_000;
/** Expected times on record that are wrong by less are good enough. */
const EXACT_MS = 1_000;
/** After a manual attempt the lane looks again within this whether its turn is still what it was. */
const ASK_AGAIN_MS = 60_000;

export interface TurnRequest {
  workflowId: string;
  orders: readonly AttemptOrder[];
  /** Due, too, and too many for this call. */
  waiting?: readonly WaitingDelivery[];
  /** As on record, by id. What changes on record changes here. */
  deliveries: Map<string, Delivery>;
}

export interface GrantedTurns {
  /** May be followed, each at its time. */
  orders: AttemptOrder[];
  /** The others, and when to ask for them again. */
  waiting: LaneItem[];
  /** When an order may go; absent: now. */
  goAtMs: ReadonlyMap<string, number>;
}

interface Asked {
  deliveryId: string;
  ask: Ask;
  /** `null`: of a delivery that only waits. */
  order: AttemptOrder | null;
}

/** Rejects if the store is down; a repeat finds the turns that it had. */
export async function takeTurnsOf(
  ports: ActivityPorts,
  endpoint: Endpoint | null,
  request: TurnRequest,
): Promise<GrantedTurns> {
  const limit = endpoint === null || endpoint.status !== "active" ? null : limitOf(endpoint);
  if (endpoint === null || limit === null) {
    // Nobody goes for as long as it is not active: the queue begins anew when it is.
    if (endpoint?.rateLimit) await ports.turns.forget(endpoint.id);
    return { orders: [...request.orders], waiting: dueNow(ports, request.waiting), goAtMs: new Map() };
  }
  const asked = asksOf(request);
  const turns = await ports.turns.take(
    endpoint.id,
    limit,
    asked.map((it) => it.ask),
  );
  const granted = asked.flatMap((it, index) => (turns[index] === undefined ? [] : [{ ...it, turn: turns[index] }]));
  await showExpected(ports, granted, request.deliveries);
  const goAtMs = new Map(
    granted.flatMap(({ deliveryId, turn: { goAtMs: at } }) => (at === null ? [] : [[deliveryId, at] as const])),
  );
  const reservations = new Map(granted.map(({ deliveryId, turn }) => [deliveryId, turn.reservation]));
  const isAsked = new Set(granted.map((it) => it.deliveryId));
  return {
    orders: request.orders
      .filter((it) => !isAsked.has(it.deliveryId) || goAtMs.has(it.deliveryId))
      .map((it) => withReservation(it, reservations.get(it.deliveryId) ?? null)),
    waiting: granted
      .filter((it) => it.turn.goAtMs === null)
      .map(({ deliveryId, turn }) => waits(deliveryId, turn.reservation, turn.askAgainAtMs)),
    goAtMs,
  };
}

/** Resolves when an order's turn has come: within a second. */
export async function untilTurn(ports: ActivityPorts, goAtMs: number | undefined): Promise<void> {
  const waitMs = (goAtMs ?? 0) - ports.clock.now();
  if (waitMs > 0) await sleep(waitMs);
}

/** Until when a request must have begun. */
export function lastCallMs(goAtMs: number | undefined, beginByMs: number): number {
  return goAtMs === undefined ? beginByMs : Math.min(beginByMs, goAtMs + LATE_MS);
}

/** Deliveries that were not attempted by the schedule keep their turns. */
export function keepTurns(
  ports: ActivityPorts,
  items: readonly LaneItem[],
  orders: readonly AttemptOrder[],
): LaneItem[] {
  const byId = new Map(orders.map((it) => [it.deliveryId, it]));
  const lookAgainMs = ports.clock.now() + ASK_AGAIN_MS;
  return items.map((item) => {
    const order = byId.get(item.deliveryId);
    if (item.kind !== "open" || order?.reservation === undefined) return item;
    const isManual = order.commandId !== null;
    if (!isManual && item.attemptCount !== order.attemptCount) return item;
    const dueAtMs = isManual ? Math.min(item.dueAtMs, lookAgainMs) : item.dueAtMs;
    return { ...item, dueAtMs, unsettled: false, reservation: order.reservation };
  });
}

/** Not those that will come to no request: the delivery has ended, or is not this lane's. */
function asksOf({ orders, waiting = [], deliveries, workflowId }: TurnRequest): Asked[] {
  const asked: Asked[] = [];
  for (const order of orders) {
    const delivery = deliveries.get(order.deliveryId);
    const { deliveryId, commandId, reservation = null } = order;
    if (commandId !== null) asked.push({ deliveryId, order, ask: { kind: "now", reservation } });
    else if (delivery !== undefined && needsOwner(delivery.status) && delivery.workflowId === workflowId) {
      asked.push({ deliveryId, order, ask: { kind: "go", reservation } });
    }
  }
  for (const { deliveryId, reservation } of waiting) {
    asked.push({ deliveryId, order: null, ask: { kind: "reserve", reservation } });
  }
  return asked.sort((a, b) => byPlace([a.deliveryId, a.ask.reservation], [b.deliveryId, b.ask.reservation]));
}

/** People see when a delivery that waits is expected, and the sweep sees that it is not overdue: one write for all. */
async function showExpected(
  ports: ActivityPorts,
  granted: readonly (Asked & { turn: Turn })[],
  deliveries: Map<string, Delivery>,
): Promise<void> {
  const times = granted.flatMap(({ deliveryId, order, ask, turn }) => {
    if (ask.kind === "now") return [];
    const knownMs = deliveries.get(deliveryId)?.nextAttemptAt?.getTime();
    const isWrong =
      order === null
        ? turn.isNew
        : knownMs === undefined ||
          (turn.goAtMs === null ? Math.abs(knownMs - turn.expectedAtMs) > EXACT_MS : knownMs > turn.goAtMs + EXACT_MS);
    return isWrong ? [{ id: deliveryId, nextAttemptAt: new Date(turn.expectedAtMs) }] : [];
  });
  if (times.length === 0) return;
  await ports.deliveries.reschedule(times);
  for (const { id, nextAttemptAt } of times) {
    const delivery = deliveries.get(id);
    if (delivery !== undefined) deliveries.set(id, { ...delivery, nextAttemptAt });
  }
}

function dueNow(ports: ActivityPorts, waiting: readonly WaitingDelivery[] = []): LaneItem[] {
  return waiting.map(({ deliveryId }) => waits(deliveryId, null, ports.clock.now()));
}

function waits(deliveryId: string, reservation: Reservation | null, dueAtMs: number): LaneItem {
  return { deliveryId, kind: "waits", dueAtMs, reservation };
}

function withReservation(order: AttemptOrder, reservation: Reservation | null): AttemptOrder {
  return reservation === null ? order : { ...order, reservation };
}
