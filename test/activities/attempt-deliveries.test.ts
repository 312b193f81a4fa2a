import { beforeEach, expect, test, vi } from "vitest";
import { attemptDeliveries } from "../../activities/attempt-deliveries.js";
import type { AttemptInput } from "../../activities/attempt-deliveries.js";
import type { Delivery, Endpoint } from "../../core/model.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

let world: ActivityWorld;
let endpoint: Endpoint;
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint();
});

function attempt(deliveries: readonly Delivery[], change: Partial<AttemptInput> & { commandId?: string } = {}) {
  const { commandId = null, ...rest } = change;
  const orders = deliveries.map((it) => ({ deliveryId: it.id, attemptCount: it.attemptCount, commandId }));
  return attemptDeliveries(world.ports, {
    endpointId: endpoint.id,
    workflowId: "lane",
    orders,
    repeated: false,
    ...rest,
  });
}

test("an attempt that was recorded by a process that was killed before it recorded the delivery is not made again", async () => {
  const delivery = world.newDelivery(world.newEvent(), endpoint);
  world.newAttempt(delivery);

  expect(await attempt([delivery])).toMatchObject([{ kind: "final", status: "delivered" }]);

  expect(world.requests).toHaveLength(0);
  expect(world.delivery(delivery.id)).toMatchObject({ status: "delivered", attemptCount: 1, scheduledAttemptCount: 1 });
});

test("for 100 deliveries that have no attempt one query tells what is on record, and what is there is not sent again", async () => {
  const deliveries = Array.from({ length: 100 }, () => world.newDelivery(world.newEvent(), endpoint));
  const [made] = deliveries;
  if (made !== undefined) world.newAttempt(made);
  const { attempts } = world.ports;
  const [one, many] = [vi.spyOn(attempts, "ofDelivery"), vi.spyOn(attempts, "ofDeliveries")];

  const items = await attempt(deliveries);

  expect(items.every((it) => it.kind === "final" && it.status === "delivered")).toBe(true);
  expect(world.requests).toHaveLength(99);
  expect([one.mock.calls.length, many.mock.calls.length]).toEqual([0, 1]);
});

test("a repeat after a crash counts the failed attempt that is on record and leaves the next one to its time", async () => {
  const delivery = world.newDelivery(world.newEvent(), endpoint, {
    status: "retrying",
    attemptCount: 2,
    scheduledAttemptCount: 2,
  });
  world.newAttempt(delivery, { outcome: "http.500", statusCode: 500 });

  const [item] = await attempt([delivery], { repeated: true });

  expect(item).toMatchObject({ kind: "open", attemptCount: 3, retriesMade: 3 });
  expect(world.requests).toHaveLength(0);
});

test("two people who ask for a resend at the same time get an attempt each", async () => {
  const delivery = world.newDelivery(world.newEvent(), endpoint, { status: "delivered", attemptCount: 1 });

  await attempt([delivery], { commandId: "one" });
  await attempt([delivery], { commandId: "two" });
  await attempt([delivery], { commandId: "two", repeated: true });

  expect([...world.state.attempts.values()].map((it) => [it.number, it.commandId])).toEqual([
    [2, "one"],
    [3, "two"],
  ]);
});

test("a delivery that a lane holds after its endpoint was resumed stays with the lane and is due", async () => {
  const delivery = world.newDelivery(world.newEvent(), endpoint, { status: "retrying", attemptCount: 1 });
  world.state.endpoints.set(endpoint.id, { ...endpoint, status: "paused" });
  const { deliveries } = world.ports;
  const settle = deliveries.settle.bind(deliveries);
  deliveries.settle = (ids, from, change) => {
    world.state.endpoints.set(endpoint.id, endpoint);
    return settle(ids, from, change);
  };

  const [item] = await attempt([delivery]);

  expect(item).toMatchObject({ kind: "open", attemptCount: 1 });
  expect(world.delivery(delivery.id)).toMatchObject({ status: "retrying", workflowId: "lane", reason: null });
  await attempt([delivery]);
  expect(world.delivery(delivery.id)?.status).toBe("delivered");
});

test("a delivery that cannot be recorded does not keep the others of its lane from being sent", async () => {
  const [bad, good] = [world.newDelivery(world.newEvent(), endpoint), world.newDelivery(world.newEvent(), endpoint)];
  const { attempts } = world.ports;
  const ofDelivery = attempts.ofDelivery.bind(attempts);
  attempts.ofDelivery = (id, limit) =>
    id === bad.id ? Promise.reject(new Error("cannot be read")) : ofDelivery(id, limit);
  attempts.ofDeliveries = () => Promise.reject(new Error("cannot be read"));

  const items = await attempt([bad, good]);

  expect(items).toMatchObject([
    { kind: "open", deliveryId: bad.id },
    { kind: "final", status: "delivered" },
  ]);
  const [item] = items;
  expect(item?.kind === "open" ? item.dueAtMs : 0).toBeGreaterThan(world.ports.clock.now());
});

test("a request that finds no free slot for a minute is left to a later call, and one endpoint's queue has an end", async () => {
  const answered: (() => void)[] = [];
  world.respond = () => new Promise((resolve) => answered.push(() => resolve({ outcome: "ok", statusCode: 200 })));
  const many = Array.from({ length: 32 + 256 }, () => world.newDelivery(world.newEvent(), endpoint));
  const first = attempt(many);
  await expect.poll(() => world.ports.slots.load).toEqual({ running: 32, waiting: 256 });
  // Nothing ends, so whoever comes now would wait for long.
  await expect.poll(() => world.ports.slots.isCrowded(endpoint.id)).toBe(true);

  const late = world.newDelivery(world.newEvent(), endpoint);
  const [rested] = await attempt([late]);
  expect(rested).toMatchObject({ kind: "open", attemptCount: 0 });
  expect(rested?.kind === "open" ? rested.dueAtMs : 0).toBeGreaterThan(world.ports.clock.now());

  world.advance(61_000);
  for (const answer of answered) answer();
  const items = await first;
  expect(items.filter((it) => it.kind === "final")).toHaveLength(32);
  expect(items.filter((it) => it.kind === "open")).toHaveLength(256);
  expect(world.requests).toHaveLength(32);
});
