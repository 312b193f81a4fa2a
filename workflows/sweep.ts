import { ParentClosePolicy, startChild } from "@temporalio/workflow";
import { searchPairs } from "../core/search-attributes.js";
import { eventsWorkflowId, WORKFLOW } from "../core/workflow-contract.js";
import type { DeliverEventsInput } from "../core/workflow-contract.js";
import { isAlreadyStarted, startLanes } from "./lanes.js";
import { remote } from "./proxies.js";

/** Runs on a schedule: starts what was accepted and never dispatched, and deliveries whose workflow is gone. */
export async function sweep(): Promise<void> {
  const found = await remote.sweepOnce();
  for (const batch of found.batches) {
    const input: DeliverEventsInput = { eventIds: batch.eventIds };
    try {
      await startChild(WORKFLOW.deliverEvents, {
        workflowId: eventsWorkflowId(batch.eventIds),
        args: [input],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${batch.eventIds.length} events found by the sweep`,
        typedSearchAttributes: searchPairs({
          applicationIds: batch.applicationIds,
          eventIds: batch.eventIds,
          eventTypes: batch.eventTypes,
        }),
      });
    } catch (error) {
      if (!isAlreadyStarted(error)) throw error;
    }
  }
  await startLanes(found.lanes, found.lanesAtOnce);
}
