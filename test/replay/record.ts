/** Saves a history of each way through each workflow; `replay.test.ts` holds every later change against them. */
import { mkdir, writeFile } from "node:fs/promises";
import { temporal } from "@temporalio/proto";
import type { WorkflowHandle } from "@temporalio/client";
import { afterEach, beforeEach, test } from "vitest";
import type { WebhookEvent } from "../../core/model.js";
import { retryWorkflowId, scheduledWorkflowId, SIGNAL, TASK_QUEUE, WORKFLOW } from "../../core/workflow-contract.js";
import { command, dispatch, laneOf, ownerOf, untilDelivery } from "../support/lane.js";
import { VirtualTime } from "../support/virtual-time.js";

const FOLDER = new URL("./histories/", import.meta.url);
const FAILS = { outcome: "http.500", statusCode: 500 } as const;

let time: VirtualTime;
beforeEach(async () => {
  time = await VirtualTime.start();
});
afterEach(async () => time.stop());

async function save(name: string, handle: WorkflowHandle): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const history = await handle.fetchHistory();
  for (const event of history.events ?? []) withoutIdentity(event);
  const bytes = temporal.api.history.v1.History.encode(history).finish();
  await writeFile(new URL(`${name}.base64`, FOLDER), `${Buffer.from(bytes).toString("base64")}\n`);
}

/** Which machine and process recorded it is nobody's business. */
function withoutIdentity(event: object): void {
  for (const value of Object.values(event) as unknown[]) {
    if (typeof value === "object" && value !== null && "identity" in value) value.identity = "recorder";
  }
}

function byId(workflowId: string): WorkflowHandle {
  return time.env.client.workflow.getHandle(workflowId);
}

test("deliverEvents: all delivered", async () => {
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  await save("deliver-events.delivered", byId(`event/${event.id}`));
});

test("deliverEvents and deliverToEndpoint: the whole schedule", async () => {
  time.answer = () => FAILS;
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  await laneOf(time, event, endpoint).result();
  await save("deliver-events.handed-over", byId(`event/${event.id}`));
  await save("deliver-to-endpoint.exhausted", laneOf(time, event, endpoint));
});

test("deliverToEndpoint: more than go at once", async () => {
  const endpoint = await time.newEndpoint({ status: "paused" });
  const events: WebhookEvent[] = [];
  while (events.length < 100) events.push(await time.newEvent([endpoint]));
  await dispatch(time, ...events);
  await time.store.endpoints.update(time.applicationId, endpoint.id, { status: "active" });
  const handle = await time.env.client.workflow.start(WORKFLOW.runOperation, {
    workflowId: "operation/release-many",
    taskQueue: TASK_QUEUE,
    args: [{ operationId: "op", kind: "release", endpointId: endpoint.id, reason: "" }],
  });
  await handle.result();
  const [first] = events;
  if (first === undefined) throw new Error("100 events were made");
  const lane = await ownerOf(time, first, endpoint);
  await lane.result();
  await save("deliver-to-endpoint.quick-waves", lane);
});

test("deliverToEndpoint: a batch", async () => {
  time.answer = (_, index) => (index < 2 ? FAILS : { outcome: "ok", statusCode: 200 });
  const endpoint = await time.newEndpoint();
  const events = [await time.newEvent([endpoint]), await time.newEvent([endpoint])] as const;
  await dispatch(time, ...events);
  const lane = await ownerOf(time, events[0], endpoint);
  await lane.result();
  await save("deliver-to-endpoint.batch", lane);
});

test("deliverToEndpoint: resend, then cancel", async () => {
  time.answer = () => FAILS;
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  await command(time, "resend", await time.delivery(event, endpoint));
  const resent = await untilDelivery(time, { event, endpoint }, (it) => it.attemptCount === 2);
  await command(time, "cancel", resent);
  await laneOf(time, event, endpoint).result();
  await save("deliver-to-endpoint.commands", laneOf(time, event, endpoint));
});

test("deliverToEndpoint: resend of a delivered delivery", async () => {
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  const lane = await command(time, "resend", await time.delivery(event, endpoint));
  await lane.result();
  await save("deliver-to-endpoint.resend-after-end", lane);
});

test("deliverLater: delivered, and cancelled", async () => {
  const endpoint = await time.newEndpoint();
  for (const name of ["delivered", "cancelled"]) {
    const deliverAt = new Date(time.nowMs + 86_400_000);
    const event = await time.newEvent([endpoint], { deliverAt, state: "scheduled" });
    const handle = await time.env.client.workflow.start(WORKFLOW.deliverLater, {
      workflowId: scheduledWorkflowId(event.id),
      taskQueue: TASK_QUEUE,
      args: [{ eventId: event.id, deliverAtMs: deliverAt.getTime() }],
    });
    if (name === "cancelled") await handle.signal("cancel", { commandId: "one" });
    await handle.result();
    await save(`deliver-later.${name}`, handle);
  }
});

test("runOperation: release", async () => {
  const endpoint = await time.newEndpoint({ status: "paused" });
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  await time.store.endpoints.update(time.applicationId, endpoint.id, { status: "active" });
  const handle = await time.env.client.workflow.start(WORKFLOW.runOperation, {
    workflowId: "operation/release",
    taskQueue: TASK_QUEUE,
    args: [{ operationId: "op", kind: "release", endpointId: endpoint.id, reason: "" }],
  });
  await handle.result();
  await save("run-operation.release", handle);
});

test("runOperation: retry over pages, asked for twice", async () => {
  await time.stop();
  time = await VirtualTime.start({ batchMax: 2 });
  time.answer = (_, index) => (index < 3 ? FAILS : { outcome: "ok", statusCode: 200 });
  const endpoint = await time.newEndpoint({ profile: "metriport", retryPolicy: { scheduleSeconds: [], jitter: 0 } });
  const events = [await time.newEvent([endpoint]), await time.newEvent([endpoint]), await time.newEvent([endpoint])];
  for (const event of events) await dispatch(time, event);
  const ask = (operationId: string) =>
    time.env.client.workflow.signalWithStart(WORKFLOW.runOperation, {
      workflowId: retryWorkflowId(endpoint.id),
      taskQueue: TASK_QUEUE,
      args: [{ operationId, kind: "retry", endpointId: endpoint.id, reason: "" }],
      signal: SIGNAL.again,
      signalArgs: [{ operationId }],
      workflowIdConflictPolicy: "USE_EXISTING",
    });
  const first = await ask("one");
  await ask("two");
  await byId(first.workflowId).result();
  // The first run: it ends by beginning again.
  await save("run-operation.retry", time.env.client.workflow.getHandle(first.workflowId, first.signaledRunId));
});

test("sweep: an event that nobody dispatched", async () => {
  const endpoint = await time.newEndpoint();
  await time.newEvent([endpoint]);
  await time.env.sleep(60_000);
  const handle = await time.env.client.workflow.start(WORKFLOW.sweep, {
    workflowId: "sweep",
    taskQueue: TASK_QUEUE,
    args: [],
  });
  await handle.result();
  await save("sweep.found", handle);
});

test("deliverToEndpoint: turns at an endpoint with a rate limit", async () => {
  const endpoint = await time.newEndpoint({ rateLimit: { perSecond: 0.4, burst: 1 } });
  const events: WebhookEvent[] = [];
  while (events.length < 5) events.push(await time.newEvent([endpoint]));
  await dispatch(time, ...events);
  const [first] = events;
  if (first === undefined) throw new Error("five events were made");
  const lane = await ownerOf(time, first, endpoint);
  await lane.result();
  await save("deliver-to-endpoint.turns-ahead", lane);
});
