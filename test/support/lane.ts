import type { WorkflowHandle } from "@temporalio/client";
import { randomUUID } from "node:crypto";
import { deliveryIdOf } from "../../core/ids.js";
import type { Delivery, Endpoint, WebhookEvent } from "../../core/model.js";
import { eventsWorkflowId, laneWorkflowId, TASK_QUEUE, WORKFLOW } from "../../core/workflow-contract.js";
import type { DeliverToEndpointInput, DeliveryCommand } from "../../core/workflow-contract.js";
import { until } from "./until.js";
import type { VirtualTime } from "./virtual-time.js";

/** The workflow that retries one delivery. */
export function laneOf(time: VirtualTime, event: WebhookEvent, endpoint: Endpoint): WorkflowHandle {
  return time.env.client.workflow.getHandle(laneWorkflowId([deliveryIdOf(event.id, endpoint.id)]));
}

/** The workflow that a delivery belongs to, by the record: that of several may be named after another one. */
export async function ownerOf(time: VirtualTime, event: WebhookEvent, endpoint: Endpoint): Promise<WorkflowHandle> {
  const { workflowId } = await time.delivery(event, endpoint);
  if (workflowId === null) throw new Error(`nobody owns the delivery of ${event.id}`);
  return time.env.client.workflow.getHandle(workflowId);
}

/** First attempts of these events, as the dispatcher starts them. */
export async function dispatch(time: VirtualTime, ...events: readonly WebhookEvent[]): Promise<void> {
  const eventIds = events.map((it) => it.id);
  await time.env.client.workflow.execute(WORKFLOW.deliverEvents, {
    workflowId: eventsWorkflowId(eventIds),
    taskQueue: TASK_QUEUE,
    args: [{ eventIds }],
  });
}

/** The command of a person, as the engine sends it to a delivery's own workflow. */
export async function command(
  time: VirtualTime,
  kind: "resend" | "cancel",
  delivery: Delivery,
  commandId: string = randomUUID(),
): Promise<WorkflowHandle> {
  const order: DeliveryCommand = {
    deliveryId: delivery.id,
    commandId,
    takeFrom: delivery.workflowId,
    attemptCount: delivery.attemptCount,
    reason: kind === "cancel" ? "cancelled on request" : "",
  };
  const input: DeliverToEndpointInput = { endpointId: delivery.endpointId, deliveryIds: [], takeFrom: null };
  return time.env.client.workflow.signalWithStart(WORKFLOW.deliverToEndpoint, {
    workflowId: laneWorkflowId([delivery.id]),
    taskQueue: TASK_QUEUE,
    args: [input],
    signal: kind,
    signalArgs: [order],
    workflowIdConflictPolicy: "USE_EXISTING",
  });
}

/** Polls the store without letting time pass. */
export function untilDelivery(
  time: VirtualTime,
  pair: { event: WebhookEvent; endpoint: Endpoint },
  expected: (delivery: Delivery) => boolean,
): Promise<Delivery> {
  return until("the delivery is as expected", async () => {
    const delivery = await time.delivery(pair.event, pair.endpoint);
    return expected(delivery) ? delivery : undefined;
  });
}
