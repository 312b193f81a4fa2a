import { beforeEach, expect, test } from "vitest";
import { dispatchEvents } from "../../activities/dispatch-events.js";
import { deliveryIdOf } from "../../core/ids.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

const NO_FLIGHTS = { has: () => false, adopt: () => undefined };

let world: ActivityWorld;
beforeEach(() => {
  world = createActivityWorld();
});

test("an event that another run has leased stays undispatched, so that its run can take it up again after a crash", async () => {
  const endpoint = world.newEndpoint();
  const event = world.newEvent();
  world.advance(60_000);
  await world.ports.events.lease([event.id], "another run", new Date(world.ports.clock.now() + 60_000));

  const answer = await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds: [event.id], owner: "this run" });

  expect(answer).toEqual({ lanes: [], lanesAtOnce: 1, rest: [] });
  expect(world.requests).toHaveLength(0);
  expect(world.state.events.get(event.id)?.state).toBe("accepted");
  // The other run begins again: its lease still holds.
  await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds: [event.id], owner: "another run" });
  expect(world.delivery(deliveryIdOf(event.id, endpoint.id))?.status).toBe("delivered");
  expect(world.state.events.get(event.id)?.state).toBe("dispatched");
});

test("a delivery that is put on record as held after its endpoint was resumed is sent all the same", async () => {
  const paused = world.newEndpoint({ status: "paused" });
  const event = world.newEvent();
  const { deliveries } = world.ports;
  const insertNew = deliveries.insertNew.bind(deliveries);
  // The resume, and the release that finds nothing, come between the plan and the record.
  deliveries.insertNew = (rows) => {
    world.state.endpoints.set(paused.id, { ...paused, status: "active" });
    return insertNew(rows);
  };

  const { lanes } = await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds: [event.id], owner: "run" });

  const id = deliveryIdOf(event.id, paused.id);
  expect(lanes.map((it) => it.deliveryIds)).toEqual([[id]]);
  expect(world.delivery(id)).toMatchObject({ status: "pending", reason: null, workflowId: lanes[0]?.workflowId });
});

test("a delivery that is put on record as held after its endpoint was deleted is cancelled", async () => {
  const paused = world.newEndpoint({ status: "paused" });
  const event = world.newEvent();
  const { deliveries } = world.ports;
  const insertNew = deliveries.insertNew.bind(deliveries);
  deliveries.insertNew = (rows) => {
    world.state.endpoints.delete(paused.id);
    return insertNew(rows);
  };

  await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds: [event.id], owner: "run" });

  const delivery = world.delivery(deliveryIdOf(event.id, paused.id));
  expect(delivery).toMatchObject({ status: "cancelled", reason: "the endpoint was deleted" });
});

test("a run that was killed before its lanes started names them again, and gives nothing to endpoints that came later", async () => {
  const endpoint = world.newEndpoint();
  const event = world.newEvent({ state: "dispatched" });
  const delivery = world.newDelivery(event, endpoint, { status: "retrying", attemptCount: 1 });
  world.newEndpoint();
  world.advance(60_000);

  const { lanes } = await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds: [event.id], owner: "run" });

  expect(lanes).toMatchObject([{ workflowId: "lane", deliveryIds: [delivery.id] }]);
  expect(world.state.deliveries.size).toBe(1);
  expect(world.requests).toHaveLength(0);
});

test("a first attempt that is on record is not made again by the sweep, although its delivery is not on record", async () => {
  const endpoint = world.newEndpoint();
  const event = world.newEvent();
  const id = deliveryIdOf(event.id, endpoint.id);
  const unrecorded = world.newDelivery(event, endpoint);
  world.state.deliveries.delete(id);
  world.newAttempt(unrecorded);
  world.advance(60_000);

  const { lanes } = await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds: [event.id], owner: "run" });

  expect(world.requests).toHaveLength(0);
  // The lane reads the attempt and counts it.
  expect(lanes.map((it) => it.deliveryIds)).toEqual([[id]]);
});

test("while many events are marked as dispatched, what publishers write has its turn", async () => {
  const eventIds = Array.from({ length: 120 }, () => world.newEvent().id);
  const { events } = world.ports;
  const setState = events.setState.bind(events);
  const order: string[] = [];
  events.setState = (ids, from, to) => {
    order.push(ids.length > 50 ? "too many at once" : "marks");
    setTimeout(() => order.push("publish"));
    return setState(ids, from, to);
  };

  await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds, owner: "run" });

  expect(order.slice(0, 5)).toEqual(["marks", "publish", "marks", "publish", "marks"]);
  expect(eventIds.map((id) => world.state.events.get(id)?.state)).toEqual(eventIds.map(() => "dispatched"));
});

test("a run that could mark some of its events only marks the others when it is repeated, and sends nothing twice", async () => {
  world.newEndpoint();
  const eventIds = Array.from({ length: 60 }, () => world.newEvent().id);
  const { events } = world.ports;
  const setState = events.setState.bind(events);
  events.setState = (ids, from, to) =>
    ids.length < 50 ? Promise.reject(new Error("the store is away")) : setState(ids, from, to);
  await expect(dispatchEvents(world.ports, NO_FLIGHTS, { eventIds, owner: "run" })).rejects.toThrow("store is away");
  events.setState = setState;

  const { lanes } = await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds, owner: "run" });

  expect(lanes).toEqual([]);
  expect(world.requests).toHaveLength(60);
  expect(eventIds.map((id) => world.state.events.get(id)?.state)).toEqual(eventIds.map(() => "dispatched"));
});
