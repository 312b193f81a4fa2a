import { afterEach, beforeEach, expect, test } from "vitest";
import { scheduledWorkflowId, TASK_QUEUE, WORKFLOW } from "../../core/workflow-contract.js";
import type { DeliverLaterInput, OperationInput } from "../../core/workflow-contract.js";
import type { WebhookEvent } from "../../core/model.js";
import { dispatch, laneOf } from "../support/lane.js";
import { VirtualTime } from "../support/virtual-time.js";

let time: VirtualTime;
beforeEach(async () => {
  time = await VirtualTime.start();
});
afterEach(async () => time.stop());

const FAILS = { outcome: "http.500", statusCode: 500 } as const;
const DAY_MS = 86_400_000;

async function startLater(event: WebhookEvent, deliverAtMs: number) {
  const input: DeliverLaterInput = { eventId: event.id, deliverAtMs };
  return time.env.client.workflow.start(WORKFLOW.deliverLater, {
    workflowId: scheduledWorkflowId(event.id),
    taskQueue: TASK_QUEUE,
    args: [input],
    startDelay: deliverAtMs - time.nowMs,
  });
}

async function operate(kind: OperationInput["kind"], endpointId: string) {
  const input: OperationInput = { operationId: `op_${kind}`, kind, endpointId, reason: "asked for" };
  return time.env.client.workflow.execute(WORKFLOW.runOperation, {
    workflowId: `operation/${kind}-${endpointId}`,
    taskQueue: TASK_QUEUE,
    args: [input],
  }) as Promise<unknown>;
}

test("an event with deliverAt is sent then and not before", async () => {
  const endpoint = await time.newEndpoint();
  const deliverAt = new Date(time.nowMs + 29 * DAY_MS);
  const event = await time.newEvent([endpoint], { deliverAt, state: "scheduled" });

  await (await startLater(event, deliverAt.getTime())).result();

  expect(time.requests[0]?.atMs).toBeGreaterThanOrEqual(deliverAt.getTime());
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered" });
  expect(await time.store.events.find(time.applicationId, event.id)).toMatchObject({ state: "dispatched" });
});

test("an event with deliverAt can be cancelled while it waits, and is never sent", async () => {
  const endpoint = await time.newEndpoint();
  const deliverAt = new Date(time.nowMs + DAY_MS);
  const event = await time.newEvent([endpoint], { deliverAt, state: "scheduled" });
  const handle = await startLater(event, deliverAt.getTime());

  await handle.signal("cancel", { commandId: "one" });
  await handle.result();

  expect(time.requests).toHaveLength(0);
  expect(await time.store.events.find(time.applicationId, event.id)).toMatchObject({ state: "cancelled" });
});

test("a delivery whose endpoint is paused when it falls due is held, and released when the endpoint is resumed", async () => {
  time.answer = (_, index) => (index === 0 ? FAILS : { outcome: "ok", statusCode: 200 });
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  await time.store.endpoints.update(time.applicationId, endpoint.id, { status: "paused" });
  await laneOf(time, event, endpoint).result();
  expect(await time.delivery(event, endpoint)).toMatchObject({
    status: "held",
    reason: "the endpoint is paused",
    workflowId: null,
  });

  await time.store.endpoints.update(time.applicationId, endpoint.id, { status: "active" });
  expect(await operate("release", endpoint.id)).toEqual({ deliveries: 1 });
  await laneOf(time, event, endpoint).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered", attemptCount: 2 });
});

test("an event for a paused endpoint is held from the start", async () => {
  const endpoint = await time.newEndpoint({ status: "paused" });
  const event = await time.newEvent([endpoint], { endpointIds: null });

  await dispatch(time, event);

  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "held", attemptCount: 0 });
  expect(time.requests).toHaveLength(0);
});

test("a delivery whose endpoint was deleted ends as cancelled with a reason", async () => {
  time.answer = () => FAILS;
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);

  await time.store.endpoints.delete(time.applicationId, endpoint.id);
  await laneOf(time, event, endpoint).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({
    status: "cancelled",
    reason: "the endpoint was deleted",
  });
});

test("the sweep finds an event that nobody dispatched", async () => {
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await time.env.sleep(60_000);

  await time.env.client.workflow.execute(WORKFLOW.sweep, { workflowId: "sweep", taskQueue: TASK_QUEUE, args: [] });
  await time.env.client.workflow.getHandle(`event/${event.id}`).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered", attemptCount: 1 });
});

test("the sweep gives a waiting delivery a workflow again when its own is gone", async () => {
  time.answer = (_, index) => (index === 0 ? FAILS : { outcome: "ok", statusCode: 200 });
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  await laneOf(time, event, endpoint).terminate("lost");
  const { id } = await time.delivery(event, endpoint);
  const longAgo = new Date(time.nowMs - 600_000);
  await time.store.deliveries.settle([id], ["retrying"], { status: "retrying", reason: null, nextAttemptAt: longAgo });

  await time.env.client.workflow.execute(WORKFLOW.sweep, { workflowId: "sweep", taskQueue: TASK_QUEUE, args: [] });
  await laneOf(time, event, endpoint).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered", attemptCount: 2 });
});
