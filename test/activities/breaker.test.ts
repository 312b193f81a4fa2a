import { beforeEach, expect, test, vi } from "vitest";
import { attemptDeliveries } from "../../activities/attempt-deliveries.js";
import { dispatchEvents } from "../../activities/dispatch-events.js";
import { operationPage } from "../../activities/operations.js";
import { adoptDeliveries } from "../../activities/own-deliveries.js";
import { planDeliveries } from "../../activities/plan-deliveries.js";
import { Probes } from "../../activities/probes.js";
import { sweepOnce } from "../../activities/sweep.js";
import { BREAKER } from "../../core/endpoint-health.js";
import { deliveryIdOf } from "../../core/ids.js";
import type { Delivery, Endpoint } from "../../core/model.js";
import type { LaneItem } from "../../core/workflow-contract.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

const NO_FLIGHTS = { has: () => false, adopt: () => undefined };

let world: ActivityWorld;
let endpoint: Endpoint;
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint({ retryPolicy: { scheduleSeconds: [60, 60], jitter: 0 } });
  world.respond = () => Promise.resolve({ outcome: "connect.refused", statusCode: null });
});

function deliveries(count: number, change: Partial<Delivery> = {}): Delivery[] {
  return Array.from({ length: count }, () => world.newDelivery(world.newEvent(), endpoint, change));
}

function attempt(of: readonly Delivery[], commandId: string | null = null): Promise<LaneItem[]> {
  const orders = of.map((it) => {
    const attemptCount = world.delivery(it.id)?.attemptCount ?? 0;
    return { deliveryId: it.id, attemptCount, commandId };
  });
  return attemptDeliveries(world.ports, { endpointId: endpoint.id, workflowId: "lane", orders, repeated: false });
}

async function openBreaker(): Promise<void> {
  await attempt(deliveries(BREAKER.transportFailures));
  await world.ports.watch.close();
  world.requests.length = 0;
}

test("an open breaker delays deliveries and uses up none of their attempts", async () => {
  const nowMs = world.ports.clock.now();
  await openBreaker();
  const waiting = [
    ...deliveries(1),
    ...deliveries(1, { status: "retrying", attemptCount: 1, scheduledAttemptCount: 1 }),
  ];

  const items = await attempt(waiting);

  expect(world.requests).toHaveLength(0);
  // Their lane ends; the sweep gives them to another one, many together.
  expect(items.map((it) => it.kind)).toEqual(["released", "released"]);
  for (const it of waiting) {
    const parked = world.delivery(it.id);
    expect(parked?.workflowId).toBeNull();
    expect(parked?.nextAttemptAt?.getTime()).toBeGreaterThanOrEqual(nowMs + BREAKER.openMs);
  }
  expect(waiting.map((it) => world.delivery(it.id)?.attemptCount)).toEqual([0, 1]);
  const shown = world.delivery(waiting[1]?.id ?? "");
  expect(shown).toMatchObject({ status: "retrying", reason: "the endpoint fails: its circuit breaker is open" });
  expect(shown?.nextAttemptAt?.getTime()).toBeGreaterThanOrEqual(nowMs + BREAKER.openMs);
});

/** As the process does of which the sweep has asked it. */
async function probe(): Promise<void> {
  const probes = new Probes(() => world.ports);
  probes.begin(endpoint.id);
  await probes.close(10_000);
}

test("a first attempt that fails as the breaker opens is parked without a lane, and its retry uses up nothing", async () => {
  const { ports } = world;
  const nowMs = ports.clock.now();
  const event = world.newEvent();
  world.respond = () => {
    const seen = { atMs: nowMs, outcome: "connect.refused", isProbe: false, isWindowBad: false } as const;
    for (let at = 0; at < BREAKER.transportFailures; at += 1) ports.watch.note(endpoint, seen);
    return Promise.resolve({ outcome: "connect.refused", statusCode: null });
  };
  const flights = { has: () => false, adopt: () => undefined };

  const { lanes } = await dispatchEvents(ports, flights, { eventIds: [event.id], owner: "run" });

  const parked = world.delivery(deliveryIdOf(event.id, endpoint.id));
  expect(lanes).toEqual([]);
  expect(parked).toMatchObject({ status: "retrying", workflowId: null, attemptCount: 1 });
  expect(parked?.nextAttemptAt?.getTime()).toBeGreaterThanOrEqual(nowMs + BREAKER.openMs);
  world.advance(BREAKER.openMs + 60_000);
  expect((await sweepOnce(ports)).lanes).toEqual([]);
  await probe();
  expect(world.requests.map((it) => it.eventId)).toEqual([event.id, event.id]);
  await ports.watch.close();
});

test("what has a turn at an endpoint with a rate limit keeps its lane while the breaker is open", async () => {
  await openBreaker();
  world.state.endpoints.set(endpoint.id, { ...endpoint, rateLimit: { perSecond: 100, burst: 100 } });
  const nowMs = world.ports.clock.now();
  const waiting = deliveries(1);

  const [item] = await attempt(waiting);

  expect(world.requests).toHaveLength(0);
  expect(item).toMatchObject({ kind: "open", unsettled: false });
  if (item?.kind === "open") expect(item.dueAtMs).toBeGreaterThanOrEqual(nowMs + BREAKER.openMs - 1_000);
});

test("when its time has come one delivery is the probe, and its failure doubles the rest", async () => {
  await openBreaker();
  world.advance(BREAKER.openMs + 1);
  const waiting = deliveries(20);

  await attempt(waiting);
  expect(world.requests).toHaveLength(1);
  await attempt(waiting);
  await world.ports.watch.close();

  expect(world.requests).toHaveLength(1);
  expect(world.state.endpoints.get(endpoint.id)?.health.breaker).toMatchObject({ openings: 2 });
});

test("a probe that succeeds lets everybody through", async () => {
  await openBreaker();
  world.advance(BREAKER.openMs + 1);
  world.respond = () => Promise.resolve({ outcome: "ok", statusCode: 200 });
  const waiting = deliveries(20);

  await attempt(waiting);
  expect(world.requests).toHaveLength(1);
  await attempt(waiting.filter((it) => world.delivery(it.id)?.status !== "delivered"));

  expect(waiting.map((it) => world.delivery(it.id)?.status)).toEqual(Array(20).fill("delivered"));
  expect(world.requests).toHaveLength(20);
});

test("a resend by a person and a test event pass an open breaker", async () => {
  await openBreaker();
  const [asked] = deliveries(1, { status: "failed", attemptCount: 1 });
  const [tested] = deliveries(1, { test: true });
  if (asked === undefined || tested === undefined) throw new Error("two deliveries were made");

  await attempt([asked], "cmd");
  await attempt([tested]);

  expect(world.requests).toHaveLength(2);
});

test("what is published while a breaker is open waits without a workflow: one is the probe, and the others get one lane when it succeeds", async () => {
  await openBreaker();
  const events = Array.from({ length: 50 }, () => world.newEvent());
  const nowMs = world.ports.clock.now();

  const { lanes } = await dispatchEvents(world.ports, NO_FLIGHTS, {
    eventIds: events.map((it) => it.id),
    owner: "run",
  });

  expect(lanes).toEqual([]);
  expect(world.requests).toHaveLength(0);
  const parked = events.map((it) => world.delivery(deliveryIdOf(it.id, endpoint.id)));
  for (const it of parked) {
    expect(it).toMatchObject({ status: "pending", attemptCount: 0, workflowId: null });
    expect(it?.nextAttemptAt?.getTime()).toBeGreaterThan(nowMs);
  }
  expect((await sweepOnce(world.ports)).lanes).toEqual([]);

  world.advance(BREAKER.openMs + 1);
  expect((await sweepOnce(world.ports)).lanes).toEqual([]);
  expect(world.probed).toEqual([endpoint.id]);
  world.respond = () => Promise.resolve({ outcome: "ok", statusCode: 200 });
  await probe();
  expect((await sweepOnce(world.ports)).lanes.map((it) => it.deliveryIds)).toEqual([
    parked.slice(1).map((it) => it?.id),
  ]);
  expect((await sweepOnce(world.ports)).lanes).toEqual([]);
});

test("what is parked for an endpoint that was deleted is cancelled without a workflow", async () => {
  await openBreaker();
  const event = world.newEvent();
  await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds: [event.id], owner: "run" });
  const id = deliveryIdOf(event.id, endpoint.id);
  const asked = vi.spyOn(world.ports.engine, "cancelDelivery");

  const input = { operationId: "op", kind: "cancel", endpointId: endpoint.id, reason: "endpoint deleted" } as const;
  await operationPage(world.ports, { ...input, after: null });

  expect(world.delivery(id)).toMatchObject({ status: "cancelled", reason: "endpoint deleted", nextAttemptAt: null });
  expect(asked.mock.calls.map(([delivery]) => delivery.id)).not.toContain(id);
});

test("a command to a delivery that waits for its endpoint does not wait with it", async () => {
  await openBreaker();
  const event = world.newEvent();
  await dispatchEvents(world.ports, NO_FLIGHTS, { eventIds: [event.id], owner: "run" });

  const [item] = await adoptDeliveries(world.ports, {
    workflowId: "lane",
    endpointId: endpoint.id,
    deliveryIds: [deliveryIdOf(event.id, endpoint.id)],
    takeFrom: null,
  });

  expect(item).toMatchObject({ kind: "open", unsettled: false });
});

test("a test event is sent although the breaker is open", async () => {
  await openBreaker();
  const [planned] = await planDeliveries(world.ports, world.newEvent({ test: true }));
  expect(planned?.route).toBe("lane");
});

test("a delivery that fails for good is told to operators, and a manual attempt is not", async () => {
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  const [last] = deliveries(1, { status: "retrying", attemptCount: 2, scheduledAttemptCount: 2 });
  const [failed] = deliveries(1, { status: "failed", attemptCount: 3, scheduledAttemptCount: 3 });
  if (last === undefined || failed === undefined) throw new Error("two deliveries were made");

  await attempt([last]);
  await attempt([failed], "cmd");

  expect(world.told).toMatchObject([
    { type: "delivery.exhausted", deliveryId: last.id, attemptCount: 3, lastOutcome: "http.500", lastStatusCode: 500 },
  ]);
});

test("where client errors are final a 404 ends the delivery, and 408 does not", async () => {
  endpoint = world.newEndpoint({ clientErrors: "fail" });
  const answers: Record<string, number> = {};
  world.respond = ({ eventId }) => {
    const statusCode = answers[eventId] ?? 200;
    return Promise.resolve({ outcome: `http.${statusCode}`, statusCode });
  };
  const [missing, slow] = deliveries(2);
  if (missing === undefined || slow === undefined) throw new Error("two deliveries were made");
  answers[missing.eventId] = 404;
  answers[slow.eventId] = 408;

  await attempt([missing, slow]);

  expect(world.delivery(missing.id)).toMatchObject({ status: "failed", attemptCount: 1 });
  expect(world.delivery(slow.id)).toMatchObject({ status: "retrying" });
});
