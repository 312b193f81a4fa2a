import { beforeEach, expect, test, vi } from "vitest";
import { attemptDeliveries } from "../../activities/attempt-deliveries.js";
import { EndpointWatch } from "../../activities/endpoint-watch.js";
import { sweepOnce } from "../../activities/sweep.js";
import { BREAKER, DISABLE, forgiven, HEALTHY, observe } from "../../core/endpoint-health.js";
import type { Observation } from "../../core/endpoint-health.js";
import { PosthornError } from "../../core/errors.js";
import type { Endpoint } from "../../core/model.js";
import { operationalKeyOf } from "../../core/operational-events.js";
import type { OutcomeClass } from "../../core/outcome.js";
import { changeEndpoint } from "../../api/endpoints/change.js";
import { createMemoryPorts } from "../support/memory-ports.js";
import { sampleEndpoint } from "../support/samples.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

let world: ActivityWorld;
let endpoint: Endpoint;
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint({ retryPolicy: { scheduleSeconds: [60], jitter: 0 } });
});

const stored = (): Endpoint => world.state.endpoints.get(endpoint.id) ?? endpoint;
const told = (): string[] => world.told.map((it) => it.type);

function seen(outcome: OutcomeClass, more: Partial<Observation> = {}): Observation {
  return { atMs: world.ports.clock.now(), outcome, isProbe: false, isWindowBad: false, ...more };
}

function fail(watch: EndpointWatch, times: number, outcome: OutcomeClass = "connect.refused"): void {
  for (let attempt = 0; attempt < times; attempt += 1) watch.note(stored(), seen(outcome));
}

/** Another process on the same store. */
function anotherWatch(): EndpointWatch {
  const { endpoints, directory, operational, clock, log } = world.ports;
  return new EndpointWatch({ endpoints, directory, operational, clock, log });
}

test("a breaker that opened while the store was away keeps nothing from being sent for good", async () => {
  const { watch } = world.ports;
  world.state.isDown = true;
  fail(watch, BREAKER.transportFailures);
  await watch.close();
  world.state.isDown = false;
  world.advance(BREAKER.openMs + 1);

  const delivery = world.newDelivery(world.newEvent(), endpoint);
  const order = { deliveryId: delivery.id, attemptCount: 0, commandId: null };
  for (let look = 0; look < 3; look += 1) {
    await attemptDeliveries(world.ports, {
      endpointId: endpoint.id,
      workflowId: "lane",
      orders: [order],
      repeated: false,
    });
    world.advance(5_000);
  }

  expect(world.delivery(delivery.id)?.status).toBe("delivered");
});

test("a breaker that is closed on record by an older revision is closed for a process that knew a newer one", async () => {
  const { watch } = world.ports;
  const asRead = stored();
  fail(watch, BREAKER.transportFailures);
  await watch.close();
  // A caller who read the endpoint before it failed changes it now.
  world.state.endpoints.set(endpoint.id, { ...stored(), health: forgiven(asRead.health) });
  world.advance(BREAKER.openMs + 1);

  await watch.claimProbe(stored());

  expect(watch.gate(stored())).toEqual({ kind: "closed" });
});

test("a success that could not be written is made up for by the next, so that old failures disable nobody", async () => {
  const { watch } = world.ports;
  fail(watch, 5, "http.500");
  await watch.close();
  world.advance(DISABLE.spreadMs);
  fail(watch, 1, "http.500");
  await watch.close();
  world.advance(2_000);
  world.state.isDown = true;
  watch.note(stored(), seen("ok"));
  await watch.close();
  world.state.isDown = false;

  world.advance(2_000);
  watch.note(stored(), seen("ok"));
  await watch.close();
  world.advance(DISABLE.afterMs);
  fail(watch, 1, "http.500");
  await watch.close();

  expect(told()).toEqual(["endpoint.failing", "endpoint.recovered"]);
  expect(stored().status).toBe("active");
});

test("that an endpoint was disabled is not forgotten when another process sees a failure before anybody was told", async () => {
  const active = stored();
  vi.spyOn(world.ports.operational, "tell").mockRejectedValueOnce(new Error("the process ends here"));
  world.ports.watch.note(active, seen("gone"));
  await world.ports.watch.close();
  expect(stored().status).toBe("disabled");

  const other = anotherWatch();
  // It was on its way when the endpoint was disabled.
  other.note(active, seen("gone"));
  await other.close();

  expect(told()).toEqual(["endpoint.disabled"]);
});

test("a clock that is put back does not keep health from being written", { timeout: 10_000 }, async () => {
  const { watch } = world.ports;
  fail(watch, 1);
  await watch.close();
  world.advance(-3_600_000);
  fail(watch, 1);
  await watch.close();
  expect(stored().health.consecutiveFailures).toBe(2);
});

test("while a probe hangs the other deliveries look less and less often what it comes to", async () => {
  const { watch } = world.ports;
  fail(watch, BREAKER.transportFailures);
  await watch.close();
  world.advance(BREAKER.openMs + 1);
  expect(await watch.claimProbe(stored())).toBe(true);

  const delivery = world.newDelivery(world.newEvent(), endpoint);
  const orders = [{ deliveryId: delivery.id, attemptCount: 0, commandId: null }];
  const rests: number[] = [];
  for (const waitedMs of [0, 8_000]) {
    world.advance(waitedMs);
    const nowMs = world.ports.clock.now();
    const [item] = await attemptDeliveries(world.ports, {
      endpointId: endpoint.id,
      workflowId: "lane",
      orders,
      repeated: false,
    });
    if (item?.kind === "open") rests.push(item.dueAtMs - nowMs);
  }

  expect(world.requests).toHaveLength(0);
  expect(rests).toHaveLength(2);
  expect(rests[0]).toBeLessThan(5_000);
  expect(rests[1]).toBeGreaterThanOrEqual(8_000);
});

test("an endpoint that fails, recovers and fails within one write is told to fail twice, under two keys", () => {
  const { id: endpointId, applicationId } = endpoint;
  const fails = Array.from({ length: 5 }, (_, index) => index);
  const all = [
    ...fails.map((atMs) => seen("http.500", { atMs })),
    seen("ok", { atMs: 5 }),
    ...fails.map((it) => seen("http.500", { atMs: 6 + it })),
  ];
  const untold = observe(HEALTHY, all, { profile: "standard" })?.health.untold ?? [];
  expect(untold.map((it) => it.type)).toEqual(["endpoint.failing", "endpoint.recovered", "endpoint.failing"]);
  const keys = untold.map((it) =>
    it.type === "endpoint.failing" ? operationalKeyOf({ ...it, applicationId, endpointId }) : it.type,
  );
  expect(keys[0]).not.toBe(keys[2]);
});

test("a sweep that cannot read the endpoints with untold changes finds orphans all the same", async () => {
  world.newDelivery(world.newEvent(), endpoint, { workflowId: null });
  world.advance(600_000);
  vi.spyOn(world.ports.endpoints, "withUntold").mockRejectedValue(new PosthornError("internal"));

  const { lanes } = await sweepOnce(world.ports);

  expect(lanes).toHaveLength(1);
});

test("a delivery that fails for good is told of also when operators could not be told at first", async () => {
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  vi.spyOn(world.ports.operational, "tell").mockRejectedValueOnce(new PosthornError("store_unavailable"));
  const last = { status: "retrying", attemptCount: 1, scheduledAttemptCount: 1 } as const;
  const delivery = world.newDelivery(world.newEvent(), endpoint, last);
  const orders = [{ deliveryId: delivery.id, attemptCount: 1, commandId: null }];

  await attemptDeliveries(world.ports, { endpointId: endpoint.id, workflowId: "lane", orders, repeated: false });

  expect(world.delivery(delivery.id)?.status).toBe("failed");
  await expect.poll(told, { timeout: 5_000 }).toEqual(["delivery.exhausted"]);
});

test("a delivery whose event has expired does not use up the probe of an endpoint that is well again", async () => {
  const { watch } = world.ports;
  fail(watch, BREAKER.transportFailures);
  await watch.close();
  const expired = world.newDelivery(world.newEvent(), endpoint);
  world.state.events.delete(expired.eventId);
  const delivery = world.newDelivery(world.newEvent(), endpoint);
  world.advance(BREAKER.openMs + 1);

  const orders = [expired, delivery].map((it) => ({ deliveryId: it.id, attemptCount: 0, commandId: null }));
  await attemptDeliveries(world.ports, { endpointId: endpoint.id, workflowId: "lane", orders, repeated: false });

  expect(world.delivery(expired.id)?.status).toBe("failed");
  expect(world.delivery(delivery.id)?.status).toBe("delivered");
});

test("what failed at another URL does not open the breaker at the first failure of the new one", async () => {
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  const attempt = async (count: number): Promise<void> => {
    const deliveries = Array.from({ length: count }, () => world.newDelivery(world.newEvent(), endpoint));
    const orders = deliveries.map((it) => ({ deliveryId: it.id, attemptCount: 0, commandId: null }));
    await attemptDeliveries(world.ports, { endpointId: endpoint.id, workflowId: "lane", orders, repeated: false });
    await world.ports.watch.close();
  };
  await attempt(BREAKER.windowAttempts);
  expect(stored().health.breaker).not.toBeNull();
  const change = { url: "https://other.example.com/hook", forgiven: true } as const;
  await world.ports.endpoints.update(endpoint.applicationId, endpoint.id, change);

  await attempt(1);

  expect(stored().health.breaker).toBeNull();
});

test("a change by a caller who read the endpoint a moment ago does not take its health back", async () => {
  const { deps, state } = createMemoryPorts();
  const [applicationId = ""] = state.applications.keys();
  const asRead = sampleEndpoint({ id: deps.ids.next("endpoint"), applicationId, now: state.now() });
  // Meanwhile attempts have failed, and the last change was not told yet.
  const at = [0, 1, 2, 3, 4].map((atMs) => seen("http.500", { atMs }));
  const health = observe(HEALTHY, at, { profile: "standard" })?.health ?? HEALTHY;
  state.endpoints.set(asRead.id, { ...asRead, health: { ...health, revision: 7 } });

  const changed = await changeEndpoint(deps, asRead, { url: "https://other.example.com/hook" });

  expect(changed.health).toMatchObject({ revision: 8, breaker: null, firstFailureAt: null });
  expect(changed.health.untold.map((it) => it.type)).toEqual(["endpoint.failing"]);
});
