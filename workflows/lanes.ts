/** Starting retry lanes as children that outlive their parent. */
import {
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from "@temporalio/workflow";
import { partsOfDeliveryId } from "../core/ids.js";
import { searchPairs } from "../core/search-attributes.js";
import { SIGNAL, WORKFLOW } from "../core/workflow-contract.js";
import type { AdoptCommand, DeliverToEndpointInput, Lane } from "../core/workflow-contract.js";

/** Where the activity that named the lanes does not say. */
const AT_ONCE = 100;
/** A lane may end between being found running and being told; what is not reached in these is left to the sweep. */
const TRIES = 3;

/** Starts the lanes; one that runs already is told what it owns now, since it may have been started for other deliveries. */
export async function startLanes(lanes: readonly Lane[], atOnce = AT_ONCE): Promise<void> {
  for (let at = 0; at < lanes.length; at += atOnce) {
    await Promise.all(lanes.slice(at, at + atOnce).map(startOrTell));
  }
}

async function startOrTell(lane: Lane): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if ((await start(lane)) || (await tell(lane))) return;
  }
}

/** `false`: a workflow with that id is running. */
async function start(lane: Lane): Promise<boolean> {
  const { endpointId, deliveryIds, reservations } = lane;
  const input: DeliverToEndpointInput = {
    endpointId,
    deliveryIds,
    takeFrom: null,
    ...(reservations && { reservations }),
  };
  const count = lane.deliveryIds.length;
  try {
    await startChild(WORKFLOW.deliverToEndpoint, {
      workflowId: lane.workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      typedSearchAttributes: searchPairs({
        applicationIds: [lane.applicationId],
        endpointId: lane.endpointId,
        eventIds: [...new Set(lane.deliveryIds.map((id) => partsOfDeliveryId(id).eventId))],
        eventTypes: lane.eventTypes,
      }),
      staticSummary: `${lane.eventTypes.slice(0, 3).join(", ")} to ${lane.endpointId}${count > 1 ? ` (${count} deliveries)` : ""}`,
    });
    return true;
  } catch (error) {
    if (!isAlreadyStarted(error)) throw error;
    return false;
  }
}

/** `false`: it has ended meanwhile. */
async function tell(lane: Lane): Promise<boolean> {
  const { deliveryIds, reservations } = lane;
  const adoption: AdoptCommand = { deliveryIds, ...(reservations && { reservations }) };
  try {
    await getExternalWorkflowHandle(lane.workflowId).signal(SIGNAL.adopt, adoption);
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}

/** The name and not the class: it comes from a package that workflows do not import. */
export function isAlreadyStarted(error: unknown): boolean {
  return error instanceof Error && error.name === "WorkflowExecutionAlreadyStartedError";
}
