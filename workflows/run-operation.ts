import { continueAsNew, workflowInfo } from "@temporalio/workflow";
import type { OperationInput, OperationResult } from "../core/workflow-contract.js";
import { startLanes } from "./lanes.js";
import { remote } from "./proxies.js";

/** Bulk work over the deliveries of one endpoint: pages through the store and keeps its position across runs. */
export async function runOperation(
  input: OperationInput & { after?: string | null; deliveries?: number },
): Promise<OperationResult> {
  const { operationId, kind, endpointId, reason } = input;
  let after = input.after ?? null;
  let deliveries = input.deliveries ?? 0;
  for (;;) {
    const page = await remote.operationPage({ operationId, kind, endpointId, reason, after });
    await startLanes(page.lanes);
    deliveries += page.deliveries;
    after = page.after;
    if (after === null) return { deliveries };
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof runOperation>({ operationId, kind, endpointId, reason, after, deliveries });
    }
  }
}
