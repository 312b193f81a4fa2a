import { expect, test, vi } from "vitest";
import { unpark } from "../../activities/unpark.js";
import { HEALTHY } from "../../core/endpoint-health.js";
import type { OpenBreaker } from "../../core/endpoint-health.js";
import type { Delivery, Endpoint } from "../../core/model.js";
import type { Lane } from "../../core/workflow-contract.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

function endpointWith(world: ActivityWorld, breaker: OpenBreaker | null, change: Partial<Endpoint> = {}): Endpoint {
  return world.newEndpoint({ health: { ...HEALTHY, revision: 1, breaker }, ...change });
}

function breakerUntil(world: ActivityWorld, ms: number, isProbing = false): OpenBreaker {
  return { until: new Date(world.ports.clock.now() + ms), openings: 1, isProbing };
}

/** Due since a second ago, without an owner. */
function parked(world: ActivityWorld, endpoint: Endpoint, count: number): Delivery[] {
  const nextAttemptAt = new Date(world.ports.clock.now() - 1_000);
  return Array.from({ length: count }, () =>
    world.newDelivery(world.newEvent(), endpoint, { workflowId: null, nextAttemptAt }),
  );
}

async function lanesOf(world: ActivityWorld): Promise<string[][]> {
  const lanes = new Map<string, Lane>();
  await unpark(world.ports, lanes);
  return [...lanes.values()].map((it) => it.deliveryIds);
}

test("when a breaker lets one request through, the endpoint is probed; all that waits stays as it is", async () => {
  const world = createActivityWorld();
  const endpoint = endpointWith(world, breakerUntil(world, -1));
  const deliveries = parked(world, endpoint, 300);

  expect(await lanesOf(world)).toEqual([]);

  expect(world.probed).toEqual([endpoint.id]);
  for (const it of deliveries) expect(world.delivery(it.id)).toEqual(it);
});

test("when the breaker has closed, a few get lanes, oldest first, and twice as many each time that it is still closed", async () => {
  const world = createActivityWorld();
  const deliveries = parked(world, endpointWith(world, null), 2_500);
  const rounds: string[][][] = [];
  for (let round = 0; round < 4; round += 1) {
    rounds.push(await lanesOf(world));
    world.advance(1_000);
  }
  expect(rounds.map((lanes) => lanes.flat().length)).toEqual([200, 400, 800, 1_000]);
  expect(rounds.flat(2)).toEqual(deliveries.slice(0, 2_400).map((it) => it.id));
  expect(rounds.flat().every((lane) => lane.length <= 200)).toBe(true);
  expect(world.wakes).toHaveLength(4);
});

test("when the breaker is open again, what is due waits until it lets somebody through", async () => {
  const world = createActivityWorld();
  const breaker = breakerUntil(world, 60_000);
  const [delivery] = parked(world, endpointWith(world, breaker), 1);
  expect(await lanesOf(world)).toEqual([]);
  expect(world.delivery(delivery?.id ?? "")).toMatchObject({ workflowId: null, nextAttemptAt: breaker.until });
});

test("thousands of an endpoint whose breaker is open again are put off, and others behind them get their lanes", async () => {
  const world = createActivityWorld();
  const breaker = breakerUntil(world, 60_000);
  const many = parked(world, endpointWith(world, breaker), 900);
  const [last] = parked(world, endpointWith(world, null), 1);
  expect(await lanesOf(world)).toEqual([[last?.id]]);
  expect(many.every((it) => world.delivery(it.id)?.nextAttemptAt?.getTime() === breaker.until.getTime())).toBe(true);
  expect(world.wakes).toEqual([]);
});

test("what is put off is written in small portions, so that nobody who publishes waits for a large one", async () => {
  const world = createActivityWorld();
  parked(world, endpointWith(world, breakerUntil(world, 60_000)), 260);
  const park = vi.spyOn(world.ports.deliveries, "park");
  await lanesOf(world);
  const portions = park.mock.calls.map(([ids]) => ids.length);
  expect(Math.max(...portions)).toBe(25);
  expect(portions.reduce((sum, it) => sum + it, 0)).toBe(260);
});

test("while a probe is on its way nothing gets a lane, and nothing is put off", async () => {
  const world = createActivityWorld();
  const [delivery] = parked(world, endpointWith(world, breakerUntil(world, 20_000, true)), 1);
  expect(await lanesOf(world)).toEqual([]);
  expect(world.delivery(delivery?.id ?? "")).toEqual(delivery);
});

test("an endpoint that has much does not keep others from theirs, and the rest of its own comes a moment later", async () => {
  const world = createActivityWorld();
  parked(world, endpointWith(world, breakerUntil(world, -1)), 1_500);
  const many = endpointWith(world, null);
  parked(world, many, 1_500);
  const few = endpointWith(world, null);
  const [last] = parked(world, few, 1);

  const lanes = await lanesOf(world);

  expect(lanes.flat()).toHaveLength(200 + 1);
  expect(lanes.flat()).toContain(last?.id);
  expect(world.wakes).toHaveLength(1);
  expect((await lanesOf(world)).flat()).toHaveLength(400);
});

test("one call gives 10,000 deliveries to lanes and asks for no more; the rest comes a moment later", async () => {
  const world = createActivityWorld();
  const endpoints = Array.from({ length: 51 }, () => endpointWith(world, null));
  for (let count = 0; count < 200; count += 1) for (const it of endpoints) parked(world, it, 1);
  const asked = vi.spyOn(world.ports.deliveries, "ownerless");

  expect((await lanesOf(world)).flat()).toHaveLength(10_000);

  expect(asked.mock.calls.map(([, , limit]) => limit)).toEqual(Array.from({ length: 50 }, () => 200));
  expect(world.wakes).toHaveLength(1);
  expect((await lanesOf(world)).flat()).toHaveLength(200);
});

test("deliveries that have no breaker to wait for get their lanes: of endpoints that are gone, and of those that are disabled", async () => {
  const world = createActivityWorld();
  const gone = endpointWith(world, null);
  const [orphan] = parked(world, gone, 1);
  world.state.endpoints.delete(gone.id);
  const [held] = parked(world, endpointWith(world, breakerUntil(world, 60_000), { status: "disabled" }), 1);
  expect((await lanesOf(world)).flat().sort()).toEqual([orphan?.id, held?.id].sort());
});
