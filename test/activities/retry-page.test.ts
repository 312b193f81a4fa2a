import { beforeEach, expect, test } from "vitest";
import { attemptDeliveries } from "../../activities/attempt-deliveries.js";
import { operationPage } from "../../activities/operations.js";
import { adoptDeliveries } from "../../activities/own-deliveries.js";
import { isRetryUnderway } from "../../activities/retry-page.js";
import { sweepOnce } from "../../activities/sweep.js";
import type { Delivery, Endpoint } from "../../core/model.js";
import type { Lane } from "../../core/workflow-contract.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

const HOUR_MS = 3_600_000;

let world: ActivityWorld;
let endpoint: Endpoint;
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint({ profile: "metriport", retryPolicy: { scheduleSeconds: [60, 600], jitter: 0 } });
});

function failed(change: Partial<Delivery> = {}): Delivery {
  const rest = { status: "failed", attemptCount: 3, scheduledAttemptCount: 3, nextAttemptAt: null } as const;
  return world.newDelivery(world.newEvent(), endpoint, {
    ...rest,
    reason: "exhausted",
    workflowId: "ended",
    ...change,
  });
}

function waiting(inMs = HOUR_MS, change: Partial<Delivery> = {}): Delivery {
  const nextAttemptAt = new Date(world.ports.clock.now() + inMs);
  const rest = { status: "retrying", attemptCount: 1, scheduledAttemptCount: 1, nextAttemptAt } as const;
  return world.newDelivery(world.newEvent(), endpoint, { ...rest, workflowId: "alive", ...change });
}

function page(after: string | null = null, operationId = "op") {
  return operationPage(world.ports, { operationId, kind: "retry", endpointId: endpoint.id, reason: "", after });
}

/** What the lane of a page does until nothing is due. */
async function run(lane: Lane | undefined) {
  if (lane === undefined) throw new Error("there is no lane");
  const { workflowId, endpointId, deliveryIds } = lane;
  const items = await adoptDeliveries(world.ports, { workflowId, endpointId, deliveryIds, takeFrom: null });
  const orders = items.flatMap((it) =>
    it.kind === "open" ? [{ deliveryId: it.deliveryId, attemptCount: it.attemptCount, commandId: null }] : [],
  );
  if (orders.length === 0) return [];
  return attemptDeliveries(world.ports, { endpointId, workflowId, orders, repeated: false });
}

function isDueNow(delivery: Delivery): void {
  expect(world.delivery(delivery.id)).toMatchObject({ status: "retrying", reason: null });
  expect(world.delivery(delivery.id)?.nextAttemptAt?.getTime()).toBeLessThanOrEqual(world.ports.clock.now());
}

test("what failed and what waits becomes one lane, oldest first, whoever owned it, and is due now", async () => {
  const deliveries = [failed(), waiting(), failed({ workflowId: null }), waiting(HOUR_MS, { workflowId: "another" })];

  const { lanes, deliveries: count, after } = await page();

  expect(lanes.map((it) => it.deliveryIds)).toEqual([deliveries.map((it) => it.id)]);
  expect({ count, after }).toEqual({ count: 4, after: null });
  for (const delivery of deliveries) isDueNow(delivery);
  await run(lanes[0]);
  expect(world.requests.map((it) => it.eventId)).toEqual(deliveries.map((it) => it.eventId));
});

test("what is held, pending, delivered or cancelled is left alone, and so is another endpoint's", async () => {
  const others = (["held", "pending", "delivered", "cancelled"] as const).map((status) => failed({ status }));
  const { id } = world.newEndpoint();
  others.push(failed({ endpointId: id }));

  expect(await page()).toEqual({ lanes: [], deliveries: 0, after: null });

  for (const delivery of others) expect(world.delivery(delivery.id)).toEqual(delivery);
});

test("an endpoint that takes nothing now keeps what failed as it is", async () => {
  const delivery = failed();
  world.state.endpoints.set(endpoint.id, { ...endpoint, status: "disabled" });

  expect(await page()).toEqual({ lanes: [], deliveries: 0, after: null });

  expect(world.delivery(delivery.id)).toEqual(delivery);
});

test("what failed gets one more attempt, what waited goes on with the next step of its schedule", async () => {
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  const [exhausted, first] = [failed(), waiting()];

  await run((await page()).lanes[0]);

  expect(world.delivery(exhausted.id)).toMatchObject({ status: "failed", attemptCount: 4, nextAttemptAt: null });
  const after = world.delivery(first.id);
  expect(after).toMatchObject({ status: "retrying", attemptCount: 2, scheduledAttemptCount: 2 });
  expect((after?.nextAttemptAt?.getTime() ?? 0) - world.ports.clock.now()).toBeGreaterThan(590_000);
});

test("what failed at an endpoint without a schedule gets one more attempt, too", async () => {
  endpoint = world.newEndpoint({ profile: "metriport", retryPolicy: { scheduleSeconds: [], jitter: 0 } });
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  const delivery = failed({ attemptCount: 1, scheduledAttemptCount: 1 });

  expect(await run((await page()).lanes[0])).toMatchObject([{ kind: "final", status: "failed" }]);

  expect(world.delivery(delivery.id)).toMatchObject({ status: "failed", attemptCount: 2 });
});

test("what failed because its event has expired fails again without a request", async () => {
  const delivery = failed();
  world.state.events.delete(delivery.eventId);

  await run((await page()).lanes[0]);

  expect(world.requests).toEqual([]);
  expect(world.delivery(delivery.id)).toMatchObject({ status: "failed", reason: "the event has expired" });
});

test("what is due about now stays with its lane, which attempts it anyway", async () => {
  const near = [waiting(-60_000), waiting(0), waiting(2_000)];

  expect(await page()).toMatchObject({ lanes: [], deliveries: 0 });

  for (const delivery of near) expect(world.delivery(delivery.id)).toEqual(delivery);
});

test("the lane that owned a delivery before does not attempt it a second time", async () => {
  const delivery = waiting();
  const { lanes } = await page();
  const orders = [{ deliveryId: delivery.id, attemptCount: 1, commandId: null }];
  const old = { endpointId: endpoint.id, workflowId: "alive", orders, repeated: false };

  expect(await attemptDeliveries(world.ports, old)).toMatchObject([{ kind: "released" }]);
  await run(lanes[0]);
  expect(await attemptDeliveries(world.ports, old)).toMatchObject([{ kind: "released" }]);

  expect(world.requests).toHaveLength(1);
});

test("a delivery that somebody else takes at the same moment is theirs", async () => {
  const [theirs, ours] = [failed(), waiting()];
  const takeOver = world.ports.deliveries.takeOver.bind(world.ports.deliveries);
  world.ports.deliveries.takeOver = async (ids, from, to) => {
    world.ports.deliveries.takeOver = takeOver;
    await takeOver([theirs.id], "ended", "delivery/of-a-resend");
    return takeOver(ids, from, to);
  };

  const { lanes } = await page();

  expect(lanes.map((it) => it.deliveryIds)).toEqual([[ours.id]]);
  expect(world.delivery(theirs.id)).toEqual({ ...theirs, workflowId: "delivery/of-a-resend" });
});

test("a delivery that fell due while the store was slow is given the time that an attempt of its old lane takes", async () => {
  const delivery = waiting(5_000);
  const takeOver = world.ports.deliveries.takeOver.bind(world.ports.deliveries);
  world.ports.deliveries.takeOver = (ids, from, to) => {
    world.advance(10_000);
    return takeOver(ids, from, to);
  };

  const { lanes } = await page();

  expect(lanes.map((it) => it.deliveryIds)).toEqual([[delivery.id]]);
  const dueInMs = (world.delivery(delivery.id)?.nextAttemptAt?.getTime() ?? 0) - world.ports.clock.now();
  expect(dueInMs).toBeGreaterThan(endpoint.timeoutMs);
});

test.each(["settle", "takeOver"] as const)(
  "a repeat of a page that was interrupted at %s comes to the same lane with the same deliveries",
  async (step) => {
    const deliveries = [failed(), waiting(), failed({ workflowId: null })];
    const work = world.ports.deliveries[step].bind(world.ports.deliveries);
    Object.assign(world.ports.deliveries, {
      // What is written is written; the process is killed before it knows.
      [step]: async (...args: Parameters<typeof work>) => {
        await Reflect.apply(work, null, args);
        throw new Error("killed");
      },
    });
    await expect(page()).rejects.toThrow("killed");
    Object.assign(world.ports.deliveries, { [step]: work });

    const { lanes } = await page();

    expect(lanes.map((it) => it.deliveryIds)).toEqual([deliveries.map((it) => it.id)]);
    for (const delivery of deliveries) isDueNow(delivery);
    await run(lanes[0]);
    expect(world.requests).toHaveLength(3);
  },
);

test("a second retry takes nothing that the first has taken, and every delivery is sent once", async () => {
  const deliveries = [failed(), waiting(), failed()];

  const [one, two] = await Promise.all([page(null, "one"), page(null, "two")]);
  const three = await page(null, "three");
  for (const lane of [...one.lanes, ...two.lanes]) await run(lane);

  expect(three).toMatchObject({ lanes: [], deliveries: 0 });
  expect(world.requests.map((it) => it.eventId).sort()).toEqual(deliveries.map((it) => it.eventId));
});

test("what a retry was about to start when it was killed is found by the sweep and sent once", async () => {
  const delivery = failed();
  const { lanes: lost } = await page();
  world.advance(600_000);

  const { lanes } = await sweepOnce(world.ports);
  expect(lanes.map((it) => it.deliveryIds)).toEqual([[delivery.id]]);
  await run(lanes[0]);
  await run(lost[0]);

  expect(world.requests).toHaveLength(1);
});

test("450 that failed are sent in order over three pages, and what fails again is not taken a second time", async () => {
  // Not so many in a row that the circuit breaker would open.
  world.respond = () =>
    Promise.resolve(
      world.requests.length % 2 === 0 ? { outcome: "ok", statusCode: 200 } : { outcome: "http.500", statusCode: 500 },
    );
  const deliveries = Array.from({ length: 450 }, () => failed());

  const sizes: number[] = [];
  let after: string | null = null;
  do {
    const taken = await page(after);
    sizes.push(taken.deliveries);
    await run(taken.lanes[0]);
    after = taken.after;
  } while (after !== null);

  expect(sizes).toEqual([200, 200, 50]);
  expect(world.requests.map((it) => it.eventId)).toEqual(deliveries.map((it) => it.eventId));
});

test("a page is underway until each of its attempts is on record, also those that other lanes make", async () => {
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  world.ports.batchMax = 3;
  const near = waiting(1_000);
  failed();
  waiting();
  failed();
  const { lanes, underway } = await page();
  if (underway === undefined) throw new Error("there is a page to wait for");

  expect(await isRetryUnderway(world.ports, underway)).toBe(true);
  await run(lanes[0]);
  expect(await isRetryUnderway(world.ports, underway)).toBe(true);
  const orders = [{ deliveryId: near.id, attemptCount: 1, commandId: null }];
  await attemptDeliveries(world.ports, { endpointId: endpoint.id, workflowId: "alive", orders, repeated: false });
  expect(await isRetryUnderway(world.ports, underway)).toBe(false);
});
