/** Starting retry lanes as children that outlive their parent. */
import { ChildWorkflowCancellationType, ParentClosePolicy, startChild } from "@temporalio/workflow";
import { partsOfDeliveryId } from "../core/ids.js";
import { searchPairs } from "../core/search-attributes.js";
import { WORKFLOW } from "../core/workflow-contract.js";
import type { DeliverToEndpointInput, Lane } from "../core/workflow-contract.js";

const AT_ONCE = 100;

/** Starts the lanes; one that runs already was started for the same deliveries and reads where they stand by itself. */
export async function startLanes(lanes: readonly Lane[]): Promise<void> {
  for (let at = 0; at < lanes.length; at += AT_ONCE) {
    await Promise.all(lanes.slice(at, at + AT_ONCE).map(startLane));
  }
}

async function startLane(lane: Lane): Promise<void> {
  const input: DeliverToEndpointInput = { endpointId: lane.endpointId, deliveryIds: lane.deliveryIds, takeFrom: null };
  const count = lane.deliveryIds.length;
  try {
    await startChild(WORKFLOW.deliverToEndpoint, {
      workflowId: lane.workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      typedSearchAttributes: searchPairs({
        applicationId: lane.applicationId,
        endpointId: lane.endpointId,
        eventIds: [...new Set(lane.deliveryIds.map((id) => partsOfDeliveryId(id).eventId))],
        eventTypes: lane.eventTypes,
      }),
      staticSummary: `${lane.eventTypes.slice(0, 3).join(", ")} to ${lane.endpointId}${count > 1 ? ` (${count} deliveries)` : ""}`,
    });
  } catch (error) {
    if (!isAlreadyStarted(error)) throw error;
  }
}

/** The name and not the class: it comes from a package that workflows do not import. */
export function isAlreadyStarted(error: unknown): boolean {
  return error instanceof Error && error.name === "WorkflowExecutionAlreadyStartedError";
}
