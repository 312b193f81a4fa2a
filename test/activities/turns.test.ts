import { beforeEach, describe, expect, test } from "vitest";
import { attemptDeliveries } from "../../activities/attempt-deliveries.js";
import type { AttemptInput } from "../../activities/attempt-deliveries.js";
import { dispatchEvents } from "../../activities/dispatch-events.js";
import { FirstAttempts } from "../../activities/first-attempts.js";
import { adoptDeliveries } from "../../activities/own-deliveries.js";
import { deliveryIdOf } from "../../core/ids.js";
import type { Delivery, Endpoint } from "../../core/model.js";
import type { AttemptOrder, LaneItem } from "../../core/workflow-contract.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

let world: ActivityWorld;
let endpoint: Endpoint;
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint({ rateLimit: { perSecond: 5, burst: 2 } });
});

function newDeliveries(count: number, change: Partial<Delivery> = {}): Delivery[] {
  return Array.from({ length: count }, () => world.newDelivery(world.newEvent(), endpoint, change));
}

function change(fields: Partial<Endpoint>): void {
  const updatedAt = new Date(world.ports.clock.now() + 1);
  world.state.endpoints.set(endpoint.id, { ...endpoint, ...fields, updatedAt });
}

const ordersOf = (deliveries: readonly Delivery[], items: readonly LaneItem[] = []): AttemptOrder[] =>
  deliveries.map(({ id, attemptCount }) => {
    const item = items.find((it) => it.deliveryId === id);
    const reservation = item?.kind === "open" || item?.kind === "waits" ? item.reservation : null;
    return { deliveryId: id, attemptCount, commandId: null, ...(reservation && { reservation }) };
  });

function attempt(orders: AttemptOrder[], rest: Partial<AttemptInput> = {}): Promise<LaneItem[]> {
  return attemptDeliveries(world.ports, {
    endpointId: endpoint.id,
    workflowId: "lane",
    orders,
    repeated: false,
    ...rest,
  });
}

function adopt(deliveries: readonly Delivery[], workflowId = "lane"): Promise<LaneItem[]> {
  const deliveryIds = deliveries.map((it) => it.id);
  return adoptDeliveries(world.ports, { workflowId, endpointId: endpoint.id, deliveryIds, takeFrom: null });
}

const turnsOf = (items: readonly LaneItem[]): number[] =>
  items.flatMap((it) => (it.kind === "open" || it.kind === "waits" ? (it.reservation?.atMs ?? []) : []));

const waitingOf = (items: readonly LaneItem[]) => items.flatMap((it) => (it.kind === "waits" ? [it] : []));

describe("a lane at an endpoint with a rate limit", () => {
  test("gets turns for all that it has before a later lane gets any", async () => {
    const first = newDeliveries(200, { workflowId: "first" });
    const later = newDeliveries(200, { workflowId: "later" });

    const [a, b] = [turnsOf(await adopt(first, "first")), turnsOf(await adopt(later, "later"))];

    expect([a.length, b.length]).toEqual([200, 200]);
    expect(Math.max(...a)).toBeLessThan(Math.min(...b));
    expect(a).toEqual([...a].sort((x, y) => x - y));
  });

  test("sends what may go in the next moment, and the rest comes back with its turn and without an attempt", async () => {
    const deliveries = newDeliveries(32);
    const items = await attempt(ordersOf(deliveries));

    const waiting = waitingOf(items);
    // The burst and the seven of a second and a half.
    expect(world.requests.map((it) => it.eventId)).toEqual(deliveries.slice(0, 9).map((it) => it.eventId));
    expect(waiting.map((it) => it.deliveryId)).toEqual(deliveries.slice(9).map((it) => it.id));
    for (const { deliveryId, dueAtMs, reservation } of waiting) {
      expect(dueAtMs).toBe(reservation?.atMs);
      expect(world.delivery(deliveryId)).toMatchObject({ attemptCount: 0, status: "pending" });
      expect(world.delivery(deliveryId)?.nextAttemptAt?.getTime()).toBeCloseTo(dueAtMs, -1);
    }
  });

  test("gets turns for what is due beside its orders, too, and attempts none of that", async () => {
    const deliveries = newDeliveries(40);
    const beside = deliveries.slice(2).map((it) => ({ deliveryId: it.id, reservation: null }));

    const items = await attempt(ordersOf(deliveries.slice(0, 2)), { waiting: beside });

    expect(world.requests).toHaveLength(2);
    expect(waitingOf(items).map((it) => it.deliveryId)).toEqual(beside.map((it) => it.deliveryId));
  });

  test("keeps its turns when a call is repeated after a crash", async () => {
    const deliveries = newDeliveries(20);
    const items = await adopt(deliveries);

    const again = await attempt(ordersOf(deliveries.slice(18), items), { repeated: true });

    expect(turnsOf(again)).toEqual(turnsOf(items).slice(18));
  });

  test("waits in a new queue when the limit is raised, in the same order", async () => {
    endpoint = world.newEndpoint({ rateLimit: { perSecond: 0.1, burst: 1 } });
    const deliveries = newDeliveries(10);
    const items = await adopt(deliveries);
    change({ rateLimit: { perSecond: 2, burst: 1 } });

    const again = waitingOf(await attempt(ordersOf(deliveries, items)));

    expect(world.requests.map((it) => it.eventId)).toEqual(
      deliveries.slice(0, world.requests.length).map((it) => it.eventId),
    );
    expect(again.map((it) => it.deliveryId)).toEqual(deliveries.slice(10 - again.length).map((it) => it.id));
    const lastMs = again.at(-1)?.reservation?.atMs ?? Infinity;
    expect(lastMs).toBeLessThan((turnsOf(items).at(-1) ?? 0) - 60_000);
  });

  test("looks again within a minute, however long it has to wait", async () => {
    endpoint = world.newEndpoint({ rateLimit: { perSecond: 0.01, burst: 1 } });
    const beganMs = world.ports.clock.now();

    const items = await adopt(newDeliveries(3));

    const dues = items.flatMap((it) => (it.kind === "open" ? it.dueAtMs - beganMs : []));
    expect(dues[2]).toBeLessThan(62_000);
    expect(turnsOf(items)[2]).toBeGreaterThanOrEqual(beganMs + 200_000);
  });

  test("waits no more when the limit is gone", async () => {
    const deliveries = newDeliveries(40);
    const items = await adopt(deliveries);
    change({ rateLimit: null });
    const beside = deliveries.slice(32).map((it) => ({ deliveryId: it.id, reservation: null }));

    const after = await attempt(ordersOf(deliveries.slice(0, 32), items), { waiting: beside });

    expect(world.requests).toHaveLength(32);
    for (const it of waitingOf(after)) expect(it.dueAtMs).toBeLessThanOrEqual(world.ports.clock.now());
    expect(waitingOf(after)).toHaveLength(8);
  });

  test("begins a new queue after its endpoint was paused: nobody waits for turns of what was held", async () => {
    const items = await adopt(newDeliveries(100));
    change({ status: "paused" });
    await attempt(ordersOf(newDeliveries(1), items));
    change({ status: "active" });

    const [turn = Infinity] = turnsOf(await adopt(newDeliveries(1)));

    expect(turn).toBeLessThanOrEqual(world.ports.clock.now());
  });

  test("gets an attempt that a person asks for at once, and the delivery keeps its turn", async () => {
    const deliveries = newDeliveries(20, { status: "retrying", attemptCount: 1, scheduledAttemptCount: 1 });
    const items = await adopt(deliveries);
    const [last] = ordersOf(deliveries.slice(19), items);
    if (last === undefined) throw new Error("there are twenty");
    world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });

    const [after] = await attempt([{ ...last, commandId: "by a person" }]);

    expect(world.requests).toHaveLength(1);
    expect(after).toMatchObject({ kind: "open", attemptCount: 2, reservation: last.reservation });
  });

  test("takes no turn for a delivery that has ended", async () => {
    const [ended] = newDeliveries(1, { status: "cancelled" });
    if (ended === undefined) throw new Error("there is one");

    expect(await attempt(ordersOf([ended]))).toMatchObject([{ kind: "final", status: "cancelled" }]);

    expect(await world.ports.turns.take(endpoint.id, limit(), [])).toEqual([]);
    const items = await attempt(ordersOf(newDeliveries(2)));
    expect(items.map((it) => it.kind)).toEqual(["final", "final"]);
  });
});

function limit() {
  return { perSecond: 5, burst: 2, asOfMs: endpoint.updatedAt.getTime() };
}

test("an event for an endpoint with a rate limit has no head start, and its delivery goes to a lane with its turn", async () => {
  const flights = new FirstAttempts(world.ports, { dispatch: () => undefined }, "this");
  const event = world.newEvent({ headStart: flights.claim(world.applicationId, 2) });
  flights.begin(event);

  const { lanes } = await dispatchEvents(world.ports, flights, { eventIds: [event.id], owner: "run" });

  const deliveryId = deliveryIdOf(event.id, endpoint.id);
  expect(world.requests).toHaveLength(0);
  expect(lanes).toMatchObject([{ deliveryIds: [deliveryId], reservations: [{ perSecond: 5 }] }]);
  const [turn] = lanes[0]?.reservations ?? [];
  expect(world.delivery(deliveryId)?.nextAttemptAt?.getTime()).toBe(turn?.atMs);
});
