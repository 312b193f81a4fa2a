import { afterEach, beforeEach, expect, test } from "vitest";
import { deliveryIdOf } from "../../core/ids.js";
import type { Delivery, Endpoint, WebhookEvent } from "../../core/model.js";
import type { DeliverToEndpointInput } from "../../core/workflow-contract.js";
import { laneWorkflowId, TASK_QUEUE, WORKFLOW } from "../../core/workflow-contract.js";
import { command, dispatch, laneOf, untilDelivery } from "../support/lane.js";
import { VirtualTime } from "../support/virtual-time.js";

let time: VirtualTime;
beforeEach(async () => {
  time = await VirtualTime.start();
});
afterEach(async () => time.stop());

const FAILS = { outcome: "http.500", statusCode: 500 } as const;
const HOUR_MS = 3_600_000;

async function onRecord(event: WebhookEvent, endpoint: Endpoint, change: Partial<Delivery>): Promise<Delivery> {
  const now = new Date(time.nowMs);
  const delivery: Delivery = {
    id: deliveryIdOf(event.id, endpoint.id),
    applicationId: time.applicationId,
    eventId: event.id,
    endpointId: endpoint.id,
    eventType: event.eventType,
    status: "retrying",
    attemptCount: 1,
    scheduledAttemptCount: 1,
    nextAttemptAt: null,
    lastAttemptAt: null,
    lastOutcome: null,
    lastStatusCode: null,
    workflowId: null,
    reason: null,
    test: false,
    createdAt: now,
    updatedAt: now,
    ...change,
  };
  await time.store.deliveries.insertNew([delivery]);
  return delivery;
}

async function startLane(workflowId: string, input: DeliverToEndpointInput) {
  const options = { workflowId, taskQueue: TASK_QUEUE, args: [input] };
  return time.env.client.workflow.start(WORKFLOW.deliverToEndpoint, options);
}

test("deliveries that are given to a lane that runs already, for others, are sent by it", async () => {
  const endpoint = await time.newEndpoint();
  const [first, second, third] = [
    await time.newEvent([endpoint], { state: "dispatched" }),
    await time.newEvent([endpoint], { state: "dispatched" }),
    await time.newEvent([endpoint], { state: "dispatched" }),
  ];
  const held = [
    await onRecord(first, endpoint, { status: "held" }),
    await onRecord(third, endpoint, { status: "held" }),
  ];
  // The lane has held the first delivery and still waits for the second: the release gives its id out once more.
  const workflowId = laneWorkflowId(held.map((it) => it.id));
  const waiting = await onRecord(second, endpoint, { nextAttemptAt: new Date(time.nowMs + HOUR_MS), workflowId });
  await startLane(workflowId, { endpointId: endpoint.id, deliveryIds: [waiting.id], takeFrom: null });

  await time.env.client.workflow.execute(WORKFLOW.runOperation, {
    workflowId: "operation/release",
    taskQueue: TASK_QUEUE,
    args: [{ operationId: "op", kind: "release", endpointId: endpoint.id, reason: "" }],
  });

  for (const event of [first, third]) {
    await untilDelivery(time, { event, endpoint }, (it) => it.status === "delivered");
  }
});

test("commands that wait for a first attempt to settle are obeyed one after the other", async () => {
  time.answer = () => FAILS;
  const endpoint = await time.newEndpoint();
  const until = new Date(time.nowMs + HOUR_MS);
  const event = await time.newEvent([endpoint], { headStart: { processId: "another-process", until } });
  await dispatch(time, event);
  const pending = await time.delivery(event, endpoint);

  await command(time, "resend", pending);
  await command(time, "cancel", pending);
  await laneOf(time, event, endpoint).result();

  expect((await time.attempts(event, endpoint)).map((it) => it.trigger)).toEqual(["manual"]);
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "cancelled", attemptCount: 1 });
});

test("a resend while a first attempt is on its way makes its own attempt after that one has failed", async () => {
  const endpoint = await time.newEndpoint();
  const until = new Date(time.nowMs + HOUR_MS);
  const event = await time.newEvent([endpoint], { headStart: { processId: "another-process", until } });
  await dispatch(time, event);
  const pending = await time.delivery(event, endpoint);
  await command(time, "resend", pending);

  const { eventId, endpointId, eventType, applicationId } = pending;
  await time.store.deliveries.record({
    attempt: {
      id: `att_${pending.id.slice(4, 31)}`,
      ...{ applicationId, deliveryId: pending.id, eventId, endpointId, eventType },
      ...{ number: 1, trigger: "scheduled", url: endpoint.url, startedAt: new Date(time.nowMs), durationMs: 1 },
      ...{
        statusCode: 500,
        outcome: "http.500",
        error: null,
        remedy: null,
        responseBody: null,
        responseTruncated: false,
      },
      commandId: null,
    },
    delivery: {
      ...pending,
      ...{ status: "retrying", attemptCount: 1, scheduledAttemptCount: 1 },
      nextAttemptAt: new Date(time.nowMs + 10 * HOUR_MS),
    },
  });
  await laneOf(time, event, endpoint).result();

  const made = new Map((await time.attempts(event, endpoint)).map((it) => [it.number, it.trigger]));
  expect([made.get(1), made.get(2)]).toEqual(["scheduled", "manual"]);
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered", scheduledAttemptCount: 1 });
});

test("commands that a run leaves to the next one are obeyed by it", async () => {
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint], { state: "dispatched" });
  const workflowId = laneWorkflowId([deliveryIdOf(event.id, endpoint.id)]);
  const { id, attemptCount } = await onRecord(event, endpoint, {
    nextAttemptAt: new Date(time.nowMs + HOUR_MS),
    workflowId,
  });
  const left = { kind: "cancel", deliveryId: id, commandId: "one", takeFrom: null, attemptCount, reason: "r" } as const;

  const input = { endpointId: endpoint.id, deliveryIds: [id], takeFrom: null, commands: [left] };
  await (await startLane(workflowId, input)).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "cancelled", reason: "r" });
  expect(time.requests).toHaveLength(0);
});
