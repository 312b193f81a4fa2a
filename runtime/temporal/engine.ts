/** Commands of people to workflows. */
import { WorkflowNotFoundError } from "@temporalio/client";
import { PosthornError } from "../../core/errors.js";
import { searchPairs } from "../../core/search-attributes.js";
import type { Delivery } from "../../core/model.js";
import type { Engine } from "../../core/ports.js";
import {
  laneWorkflowId,
  operationWorkflowId,
  retryWorkflowId,
  scheduledWorkflowId,
  SIGNAL,
  TASK_QUEUE,
  WORKFLOW,
} from "../../core/workflow-contract.js";
import type {
  AgainCommand,
  CancelEventCommand,
  DeliverLaterInput,
  DeliverToEndpointInput,
  DeliveryCommand,
  OperationInput,
} from "../../core/workflow-contract.js";
import type { TemporalLink } from "./link.js";
import { triggerSweep } from "./setup.js";

type Link = Pick<TemporalLink, "call" | "isPrepared">;

const CALL_TIMEOUT_MS = 5_000;
const PING_TIMEOUT_MS = 2_000;

/** All of an `Engine` but the links for people. */
export function createEngine(link: Link): Omit<Engine, "workflowUrl"> {
  return {
    resend: (delivery, commandId) => command(link, SIGNAL.resend, delivery, { commandId, reason: "" }),
    cancelDelivery: (delivery, commandId, reason) => command(link, SIGNAL.cancel, delivery, { commandId, reason }),
    cancelScheduled: (eventId, commandId) => cancelScheduled(link, eventId, commandId),
    startOperation: async (operation) => {
      const input: OperationInput = operation;
      if (operation.kind === "retry") return startRetry(link, input);
      await link.call(CALL_TIMEOUT_MS, (client) =>
        client.workflow.start(WORKFLOW.runOperation, {
          workflowId: operationWorkflowId(operation.operationId),
          taskQueue: TASK_QUEUE,
          args: [input],
          workflowIdConflictPolicy: "USE_EXISTING",
          staticSummary: `${operation.kind} deliveries to ${operation.endpointId}`,
          typedSearchAttributes: [{ key: { name: "EndpointId", type: "KEYWORD" }, value: operation.endpointId }],
        }),
      );
    },
    sweep: () => triggerSweep(link),
    isRunning: async (workflowId) => {
      try {
        const description = await link.call(CALL_TIMEOUT_MS, (client) =>
          client.workflow.getHandle(workflowId).describe(),
        );
        return description.status.name === "RUNNING";
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    ping: async () => {
      await link.call(PING_TIMEOUT_MS, (client) => client.workflowService.getSystemInfo({}));
      if (!link.isPrepared) throw new PosthornError("engine_unavailable", "Temporal is being set up.");
    },
  };
}

/**
 * To the workflow that owns the delivery; if that has ended, to a new run of the delivery's own workflow, which takes
 * the delivery over from it.
 */
async function command(
  link: Link,
  signal: "resend" | "cancel",
  delivery: Delivery,
  given: Pick<DeliveryCommand, "commandId" | "reason">,
): Promise<void> {
  const order: DeliveryCommand = {
    ...given,
    deliveryId: delivery.id,
    takeFrom: delivery.workflowId,
    attemptCount: delivery.attemptCount,
  };
  const own = laneWorkflowId([delivery.id]);
  const owner = delivery.workflowId;
  if (owner !== null && owner !== own) {
    try {
      await link.call(CALL_TIMEOUT_MS, (client) => client.workflow.getHandle(owner).signal(signal, order));
      return;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  const input: DeliverToEndpointInput = { endpointId: delivery.endpointId, deliveryIds: [], takeFrom: null };
  await link.call(CALL_TIMEOUT_MS, (client) =>
    client.workflow.signalWithStart(WORKFLOW.deliverToEndpoint, {
      workflowId: own,
      taskQueue: TASK_QUEUE,
      args: [input],
      signal,
      signalArgs: [order],
      workflowIdConflictPolicy: "USE_EXISTING",
      staticSummary: `${delivery.eventType} to ${delivery.endpointId}, ${signal}`,
      typedSearchAttributes: searchPairs({
        applicationIds: [delivery.applicationId],
        endpointId: delivery.endpointId,
        eventIds: [delivery.eventId],
        eventTypes: [delivery.eventType],
      }),
    }),
  );
}

/** Begins the endpoint's retry; one that runs begins again when it has ended. */
async function startRetry(link: Link, input: OperationInput): Promise<void> {
  const { operationId, endpointId } = input;
  const again: AgainCommand = { operationId };
  await link.call(CALL_TIMEOUT_MS, (client) =>
    client.workflow.signalWithStart(WORKFLOW.runOperation, {
      workflowId: retryWorkflowId(endpointId),
      taskQueue: TASK_QUEUE,
      args: [input],
      signal: SIGNAL.again,
      signalArgs: [again],
      workflowIdConflictPolicy: "USE_EXISTING",
      staticSummary: `retry deliveries to ${endpointId}`,
      typedSearchAttributes: [{ key: { name: "EndpointId", type: "KEYWORD" }, value: endpointId }],
    }),
  );
}

async function cancelScheduled(link: Link, eventId: string, commandId: string): Promise<void> {
  const order: CancelEventCommand = { commandId };
  const input: DeliverLaterInput = { eventId, deliverAtMs: Date.now() };
  await link.call(CALL_TIMEOUT_MS, (client) =>
    client.workflow.signalWithStart(WORKFLOW.deliverLater, {
      workflowId: scheduledWorkflowId(eventId),
      taskQueue: TASK_QUEUE,
      args: [input],
      signal: SIGNAL.cancel,
      signalArgs: [order],
      workflowIdConflictPolicy: "USE_EXISTING",
    }),
  );
}
