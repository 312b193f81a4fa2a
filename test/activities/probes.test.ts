import { afterEach, expect, test } from "vitest";
import { Probes } from "../../activities/probes.js";
import { HEALTHY } from "../../core/endpoint-health.js";
import type { OpenBreaker } from "../../core/endpoint-health.js";
import type { Delivery, Endpoint } from "../../core/model.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

const open = new Set<Probes>();

afterEach(async () => {
  for (const it of open) await it.close(1_000);
  open.clear();
});

function probesOf({ ports }: ActivityWorld): Probes {
  const probes = new Probes(() => ports);
  open.add(probes);
  return probes;
}

/** Its breaker lets a request through since a second, unless told otherwise. */
function failing(world: ActivityWorld, breaker: Partial<OpenBreaker> = {}, change: Partial<Endpoint> = {}): Endpoint {
  const until = new Date(world.ports.clock.now() - 1_000);
  const health = { ...HEALTHY, revision: 1, breaker: { until, openings: 1, isProbing: false, ...breaker } };
  return world.newEndpoint({ health, ...change });
}

function parked(world: ActivityWorld, endpoint: Endpoint): Delivery {
  const nextAttemptAt = new Date(world.ports.clock.now() - 1_000);
  return world.newDelivery(world.newEvent(), endpoint, { workflowId: null, nextAttemptAt });
}

/** Until what has begun is over. */
async function over(probes: Probes): Promise<void> {
  await probes.close(10_000);
}

test("the oldest that waits is the probe, without a workflow, and closes the breaker when it succeeds", async () => {
  const world = createActivityWorld();
  const endpoint = failing(world);
  const [first, second] = [parked(world, endpoint), parked(world, endpoint)];
  const probes = probesOf(world);

  probes.begin(endpoint.id);
  await over(probes);

  expect(world.requests.map((it) => it.eventId)).toEqual([first.eventId]);
  expect(world.delivery(first.id)).toMatchObject({ status: "delivered", attemptCount: 1, workflowId: null });
  expect(world.delivery(second.id)).toEqual(second);
  expect(world.state.endpoints.get(endpoint.id)?.health.breaker).toBeNull();
});

test("a probe that fails opens the breaker for longer, and its delivery waits without a workflow for its retry", async () => {
  const world = createActivityWorld();
  world.respond = () => Promise.resolve({ outcome: "connect.refused", statusCode: null });
  const endpoint = failing(world);
  const delivery = parked(world, endpoint);
  const probes = probesOf(world);

  probes.begin(endpoint.id);
  await over(probes);

  expect(world.delivery(delivery.id)).toMatchObject({ status: "retrying", attemptCount: 1, workflowId: null });
  expect(world.state.endpoints.get(endpoint.id)?.health.breaker).toMatchObject({ openings: 2, isProbing: false });
});

test("there is one probe of an endpoint, however often it is asked for and by however many processes", async () => {
  const world = createActivityWorld();
  const endpoint = failing(world);
  parked(world, endpoint);
  parked(world, endpoint);
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  world.respond = async () => {
    await answered;
    return { outcome: "http.500", statusCode: 500 };
  };
  const processes = [probesOf(world), probesOf(world)];
  for (const it of processes) {
    it.begin(endpoint.id);
    it.begin(endpoint.id);
  }
  await expect.poll(() => world.requests.length).toBe(1);
  for (const it of processes) it.begin(endpoint.id);
  answer();
  for (const it of processes) await over(it);
  expect(world.requests).toHaveLength(1);
});

test("an attempt that was made and not counted is not made again", async () => {
  const world = createActivityWorld();
  const endpoint = failing(world);
  const delivery = parked(world, endpoint);
  world.newAttempt(delivery, { number: 1, outcome: "ok", statusCode: 200 });
  const probes = probesOf(world);
  probes.begin(endpoint.id);
  await over(probes);
  expect(world.requests).toEqual([]);
  expect(world.delivery(delivery.id)).toMatchObject({ status: "delivered", attemptCount: 1 });
});

test("nobody is probed whose breaker is open or closed, who has no delivery that is due, or whose requests keep an order", async () => {
  const world = createActivityWorld();
  const later = new Date(world.ports.clock.now() + 60_000);
  const isOpen = failing(world, { until: later });
  const isProbed = failing(world, { until: later, isProbing: true });
  const closed = world.newEndpoint();
  const limited = failing(world, {}, { rateLimit: { perSecond: 1, burst: 1 } });
  const idle = failing(world);
  for (const it of [isOpen, isProbed, closed, limited]) parked(world, it);
  const probes = probesOf(world);
  for (const it of [isOpen, isProbed, closed, limited, idle]) probes.begin(it.id);
  await over(probes);
  expect(world.requests).toEqual([]);
  expect(world.state.endpoints.get(idle.id)?.health).toEqual(idle.health);
});

test("an endpoint is probed when its breaker's time has come", async () => {
  const world = createActivityWorld();
  const until = new Date(world.ports.clock.now() + 200);
  const endpoint = failing(world, { until });
  parked(world, endpoint);
  const probes = probesOf(world);
  probes.at(endpoint.id, until);
  world.advance(200);
  await expect.poll(() => world.requests.length, { timeout: 5_000 }).toBe(1);
});

test("after it was closed nothing is probed", async () => {
  const world = createActivityWorld();
  const endpoint = failing(world);
  parked(world, endpoint);
  const probes = probesOf(world);
  probes.at(endpoint.id, new Date(world.ports.clock.now() + 20));
  await probes.close(1_000);
  probes.begin(endpoint.id);
  await over(probes);
  expect(world.requests).toEqual([]);
});
