import { beforeEach, expect, test } from "vitest";
import { attemptDeliveries } from "../../activities/attempt-deliveries.js";
import { adoptDeliveries } from "../../activities/own-deliveries.js";
import { PosthornError } from "../../core/errors.js";
import type { Delivery, Endpoint } from "../../core/model.js";
import { Secret } from "../../core/secret.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

let world: ActivityWorld;
let endpoint: Endpoint;
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint({ profile: "metriport", timeoutMs: 5_000 });
});

/** Oldest first. */
function newDeliveries(count: number): Delivery[] {
  return Array.from({ length: count }, () => world.newDelivery(world.newEvent(), endpoint));
}

function attempt(deliveries: readonly Delivery[]) {
  const orders = deliveries.map((it) => ({ deliveryId: it.id, attemptCount: it.attemptCount, commandId: null }));
  return attemptDeliveries(world.ports, { endpointId: endpoint.id, workflowId: "lane", orders, repeated: false });
}

test("a metriport receiver gets one request after the other, oldest first, whatever the order in the call", async () => {
  const deliveries = newDeliveries(5);
  let underway = 0;
  world.respond = async () => {
    underway += 1;
    expect(underway).toBe(1);
    await Promise.resolve();
    underway -= 1;
    return { outcome: "ok", statusCode: 200 };
  };

  const items = await attempt([...deliveries].reverse());

  expect(world.requests.map((it) => it.eventId)).toEqual(deliveries.map((it) => it.eventId));
  expect(items.map((it) => it.kind)).toEqual(["final", "final", "final", "final", "final"]);
});

test("other receivers still get their requests at the same time", async () => {
  endpoint = world.newEndpoint({ profile: "standard" });
  const answers: (() => void)[] = [];
  world.respond = () => new Promise((resolve) => answers.push(() => resolve({ outcome: "ok", statusCode: 200 })));
  const attempted = attempt(newDeliveries(3));

  await expect.poll(() => answers.length).toBe(3);
  for (const answer of answers) answer();
  await attempted;
});

test("a receiver that hangs ends the call within its bound, and the rest comes back due, as it was", async () => {
  endpoint = world.newEndpoint({ profile: "metriport", retryPolicy: { scheduleSeconds: [300], jitter: 0 } });
  const deliveries = newDeliveries(32);
  world.respond = () => {
    world.advance(5_000);
    return Promise.resolve({ outcome: "timeout.total", statusCode: null });
  };

  const items = await attempt(deliveries);

  // Begun within 20 s, 5 s each.
  expect(world.requests.map((it) => it.eventId)).toEqual(deliveries.slice(0, 4).map((it) => it.eventId));
  expect(items).toHaveLength(32);
  const due = items.filter((it) => it.kind === "open" && it.dueAtMs <= world.ports.clock.now());
  expect(due.map((it) => it.deliveryId)).toEqual(deliveries.slice(4).map((it) => it.id));
});

test("when the time to begin is over while slots are taken, the rest does not queue for one", async () => {
  const { slots } = world.ports;
  const run = slots.run.bind(slots);
  slots.run = (id, work) => {
    world.advance(15_000);
    return run(id, work);
  };
  const beganMs = world.ports.clock.now();

  const items = await attempt(newDeliveries(32));

  // The first gets its slot after 15 s, the second after 30 s: too late, and with it all the others.
  expect(world.ports.clock.now() - beganMs).toBeLessThan(45_000);
  expect(world.requests).toHaveLength(1);
  expect(items.filter((it) => it.kind === "open")).toHaveLength(31);
});

test("a key that is new while a call goes on is in the very next request", async () => {
  const secrets = [{ key: new Secret("the-key-after-that-one"), createdAt: new Date(0), expiresAt: null }];
  world.respond = () => {
    world.state.endpoints.set(endpoint.id, { ...endpoint, secrets });
    return Promise.resolve({ outcome: "ok", statusCode: 200 });
  };

  await attempt(newDeliveries(3));

  const keys = world.requests.map((it) => it.secrets[0]?.key.reveal());
  expect(keys).toEqual([endpoint.secrets[0]?.key.reveal(), "the-key-after-that-one", "the-key-after-that-one"]);
});

test("an endpoint that is cleared while a call goes on gets nothing more, and the rest is held", async () => {
  const deliveries = newDeliveries(3);
  world.respond = () => {
    const cleared = { status: "disabled", statusReason: "cleared", secrets: [] } as const;
    world.state.endpoints.set(endpoint.id, { ...endpoint, ...cleared });
    return Promise.resolve({ outcome: "ok", statusCode: 200 });
  };

  await attempt(deliveries);

  expect(world.requests).toHaveLength(1);
  expect(deliveries.map((it) => world.delivery(it.id)?.status)).toEqual(["delivered", "held", "held"]);
});

test("a store that goes down ends a call at once: no receiver gets what cannot be recorded", async () => {
  const { recorder } = world.ports;
  recorder.write = () => Promise.reject(new PosthornError("store_unavailable"));

  await expect(attempt(newDeliveries(3))).rejects.toMatchObject({ code: "store_unavailable" });

  expect(world.requests).toHaveLength(1);
});

test("one that cannot be attempted does not keep those behind it from being sent", async () => {
  const deliveries = newDeliveries(3);
  const { attempts } = world.ports;
  const ofDelivery = attempts.ofDelivery.bind(attempts);
  attempts.ofDelivery = (id, limit) =>
    id === deliveries[1]?.id ? Promise.reject(new Error("cannot be read")) : ofDelivery(id, limit);

  const items = await attempt(deliveries);

  expect(items.map((it) => it.kind)).toEqual(["final", "open", "final"]);
});

test("a lane comes to know its deliveries oldest first, whatever the store answers", async () => {
  const deliveries = newDeliveries(4);
  const findByIds = world.ports.deliveries.findByIds.bind(world.ports.deliveries);
  world.ports.deliveries.findByIds = async (ids) => (await findByIds(ids)).reverse();
  const deliveryIds = deliveries.map((it) => it.id);

  const items = await adoptDeliveries(world.ports, {
    workflowId: "lane",
    endpointId: endpoint.id,
    deliveryIds,
    takeFrom: null,
  });

  expect(items.map((it) => it.deliveryId)).toEqual(deliveryIds);
});

test("an endpoint without a schedule gets one attempt, and the delivery says why it failed", async () => {
  endpoint = world.newEndpoint({ profile: "metriport", retryPolicy: { scheduleSeconds: [], jitter: 0 } });
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  const deliveries = newDeliveries(1);

  expect(await attempt(deliveries)).toMatchObject([{ kind: "final", status: "failed" }]);

  expect(world.delivery(deliveries[0]?.id ?? "")).toMatchObject({
    status: "failed",
    attemptCount: 1,
    nextAttemptAt: null,
    reason: "the attempt failed, and the endpoint has no retry schedule",
  });
});
