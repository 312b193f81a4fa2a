import { afterEach, beforeEach, expect, test } from "vitest";
import { deliveryIdOf } from "../../core/ids.js";
import type { Delivery, Endpoint, WebhookEvent } from "../../core/model.js";
import type { OperationInput, OperationResult } from "../../core/workflow-contract.js";
import { retryWorkflowId, TASK_QUEUE, WORKFLOW } from "../../core/workflow-contract.js";
import { createEngine } from "../../runtime/temporal/engine.js";
import { untilDelivery } from "../support/lane.js";
import { until } from "../support/until.js";
import { VirtualTime } from "../support/virtual-time.js";

type Retry = (input: OperationInput) => Promise<OperationResult>;

let time: VirtualTime;
beforeEach(async () => {
  time = await VirtualTime.start();
});
afterEach(async () => time.stop());

const FAILS = { outcome: "http.500", statusCode: 500 } as const;
const HOUR_MS = 3_600_000;
const POLICY = { scheduleSeconds: [HOUR_MS / 1000, HOUR_MS / 1000], jitter: 0 };
const EXHAUSTED = { status: "failed", attemptCount: 3, scheduledAttemptCount: 3, reason: "exhausted" } as const;

function newEndpoint(): Promise<Endpoint> {
  return time.newEndpoint({ profile: "metriport", retryPolicy: POLICY });
}

/** A delivery on record: failed, or as `change` says. */
function row(event: WebhookEvent, endpoint: Endpoint, change: Partial<Delivery> = {}): Delivery {
  const now = new Date(time.nowMs);
  return {
    id: deliveryIdOf(event.id, endpoint.id),
    applicationId: time.applicationId,
    eventId: event.id,
    endpointId: endpoint.id,
    eventType: event.eventType,
    ...EXHAUSTED,
    nextAttemptAt: null,
    lastAttemptAt: null,
    lastOutcome: null,
    lastStatusCode: null,
    workflowId: null,
    test: false,
    createdAt: now,
    updatedAt: now,
    ...change,
  };
}

/** A delivery that waits in a lane that runs. */
async function waiting(event: WebhookEvent, endpoint: Endpoint, dueInMs = HOUR_MS): Promise<string> {
  const workflowId = `delivery/${deliveryIdOf(event.id, endpoint.id)}`;
  const nextAttemptAt = new Date(time.nowMs + dueInMs);
  const open = { status: "retrying", attemptCount: 1, scheduledAttemptCount: 1, nextAttemptAt, reason: null } as const;
  const delivery = row(event, endpoint, { ...open, workflowId });
  await time.store.deliveries.insertNew([delivery]);
  await time.env.client.workflow.start(WORKFLOW.deliverToEndpoint, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{ endpointId: endpoint.id, deliveryIds: [delivery.id], takeFrom: null }],
  });
  return workflowId;
}

async function startRetry(endpoint: Endpoint, operationId = "op") {
  const engine = createEngine({ call: (_, work) => work(time.env.client), isPrepared: true });
  await engine.startOperation({ operationId, kind: "retry", endpointId: endpoint.id, reason: "" });
  return time.env.client.workflow.getHandle<Retry>(retryWorkflowId(endpoint.id));
}

function sentEventIds(): string[] {
  return time.requests.map((it) => it.eventId);
}

test("three failed and two waiting deliveries are all sent again now, oldest first, and nobody sends them twice", async () => {
  const endpoint = await newEndpoint();
  const events: WebhookEvent[] = [];
  const oldLanes: string[] = [];
  // Short enough to be waited for: on a busy machine the operation may end before its lane, and then this server skips no time.
  const dueInMs = 20_000;
  for (const kind of ["failed", "waiting", "failed", "waiting", "failed"]) {
    const event = await time.newEvent([endpoint], { state: "dispatched" });
    events.push(event);
    if (kind === "failed") await time.store.deliveries.insertNew([row(event, endpoint)]);
    else oldLanes.push(await waiting(event, endpoint, dueInMs));
  }
  const beganMs = time.nowMs;

  await startRetry(endpoint);
  for (const event of events) await untilDelivery(time, { event, endpoint }, (it) => it.status === "delivered");
  expect(sentEventIds()).toEqual(events.map((it) => it.id));
  expect(time.requests.every((it) => it.atMs < beganMs + dueInMs)).toBe(true);

  // Each lane of before wakes when its delivery would have been due, and finds that it is not its own any more.
  for (const workflowId of oldLanes) await time.env.client.workflow.getHandle(workflowId).result();
  expect(time.nowMs).toBeGreaterThanOrEqual(beganMs + dueInMs);
  expect(time.requests).toHaveLength(5);
});

test("what had failed fails with one attempt more, what waited goes on with its schedule", async () => {
  time.answer = () => FAILS;
  const endpoint = await newEndpoint();
  const [failed, open] = [
    await time.newEvent([endpoint], { state: "dispatched" }),
    await time.newEvent([endpoint], { state: "dispatched" }),
  ];
  await time.store.deliveries.insertNew([row(failed, endpoint)]);
  await waiting(open, endpoint);

  await startRetry(endpoint);
  const again = await untilDelivery(time, { event: failed, endpoint }, (it) => it.attemptCount === 4);
  const next = await untilDelivery(time, { event: open, endpoint }, (it) => it.attemptCount === 2);
  expect(again).toMatchObject({ status: "failed", nextAttemptAt: null });
  expect(next).toMatchObject({ status: "retrying", scheduledAttemptCount: 2 });

  await time.env.client.workflow.getHandle(next.workflowId ?? "").result();
  expect(await time.delivery(failed, endpoint)).toMatchObject({ status: "failed", attemptCount: 4 });
  expect(await time.delivery(open, endpoint)).toMatchObject({ status: "failed", attemptCount: 3 });
  const [, second, third] = time.requests;
  expect((third?.atMs ?? 0) - (second?.atMs ?? 0)).toBeGreaterThanOrEqual(HOUR_MS);
  expect(time.requests).toHaveLength(3);
});

test("what failed arrives in order over pages, and each of it once however often the retry is asked for", async () => {
  await time.stop();
  time = await VirtualTime.start({ batchMax: 40 });
  const endpoint = await newEndpoint();
  const events = await Promise.all(
    Array.from({ length: 100 }, () => time.newEvent([endpoint], { state: "dispatched" })),
  );
  const deliveries = events.map((it) => row(it, endpoint));
  await time.store.deliveries.insertNew(deliveries);

  const retry = await startRetry(endpoint);
  await until("the first page is being sent", () => Promise.resolve(time.requests.length > 0 ? true : undefined));
  await startRetry(endpoint, "second");
  await startRetry(endpoint, "third");

  expect(await retry.result()).toEqual({ deliveries: 100 });
  expect(sentEventIds()).toEqual(events.map((it) => it.id).sort());
  expect(await time.store.deliveries.countOfEndpoint(endpoint.id, ["retrying", "failed"])).toBe(0);
});

test("a retry that is asked for while one runs begins when that has ended, with what has failed again", async () => {
  const endpoint = await newEndpoint();
  const events = [
    await time.newEvent([endpoint], { state: "dispatched" }),
    await time.newEvent([endpoint], { state: "dispatched" }),
  ];
  await time.store.deliveries.insertNew(events.map((it) => row(it, endpoint)));
  let second: Promise<unknown> | undefined;
  time.answer = (_, index) => {
    if (index === 0) second = startRetry(endpoint, "second");
    return index < 2 ? FAILS : { outcome: "ok", statusCode: 200 };
  };

  const retry = await startRetry(endpoint);
  await retry.result();
  await second;

  const ids = events.map((it) => it.id);
  for (const event of events) await untilDelivery(time, { event, endpoint }, (it) => it.status === "delivered");
  expect(sentEventIds()).toEqual([...ids, ...ids]);
});

test("a run that begins anew while it waits for a page goes on waiting, and takes the page no second time", async () => {
  const endpoint = await newEndpoint();
  const events = [
    await time.newEvent([endpoint], { state: "dispatched" }),
    await time.newEvent([endpoint], { state: "dispatched" }),
  ];
  const beganMs = time.nowMs;
  // The page was taken half an hour ago, but for two minutes.
  const dueByMs = beganMs - 1_680_000;
  const open = { status: "retrying", nextAttemptAt: new Date(dueByMs), reason: null, workflowId: "elsewhere" } as const;
  const [waits, failed] = events.map((it, index) => row(it, endpoint, index === 0 ? open : {}));
  if (waits === undefined || failed === undefined) throw new Error("there are two");
  await time.store.deliveries.insertNew([waits, failed]);
  const underway = { endpointId: endpoint.id, after: null, until: failed.id, dueByMs };

  const run = await time.env.client.workflow.start(WORKFLOW.runOperation, {
    workflowId: retryWorkflowId(endpoint.id),
    taskQueue: TASK_QUEUE,
    args: [{ operationId: "op", kind: "retry", endpointId: endpoint.id, reason: "", deliveries: 2, underway }],
  });

  // Nobody attempts what waits, so the page's time runs out.
  expect(await run.result()).toEqual({ deliveries: 2 });
  expect(time.nowMs - beganMs).toBeGreaterThanOrEqual(110_000);
  expect(time.requests).toEqual([]);
  expect(await time.store.deliveries.findByIds([failed.id])).toMatchObject([{ ...EXHAUSTED, workflowId: null }]);
});
