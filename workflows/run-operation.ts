import { continueAsNew, defineSignal, setHandler, sleep, workflowInfo } from "@temporalio/workflow";
import type { AgainCommand, OperationInput, OperationResult, RetriedPage } from "../core/workflow-contract.js";
import { SIGNAL } from "../core/workflow-contract.js";
import { startLanes } from "./lanes.js";
import { local, remote } from "./proxies.js";

/** How long a retry waits for the attempts of a page before it goes on all the same: 200 that take 5 s each take 17 minutes. */
const PAGE_MS = 1_800_000;
const LOOK = { firstMs: 250, laterMs: 5_000 };

/** Beside what was asked for: what the run before has done and waits for, and the operation that was asked for meanwhile. */
type Position = OperationInput & {
  after?: string | null;
  deliveries?: number;
  underway?: RetriedPage | null;
  again?: string | null;
};

/**
 * Bulk work over the deliveries of one endpoint: pages through the store and keeps its position across runs. Pages of a
 * `retry` are sent one after the other, so that what is older arrives first, and it lasts until the last is sent; for
 * the same reason a further retry of the endpoint, signal `again`, begins when this one is over. Several are one.
 */
export async function runOperation(input: Position): Promise<OperationResult> {
  const { operationId, kind, endpointId, reason } = input;
  let after = input.after ?? null;
  let deliveries = input.deliveries ?? 0;
  let underway = input.underway ?? null;
  let again = input.again ?? null;
  setHandler(defineSignal<[AgainCommand]>(SIGNAL.again), (asked) => {
    // The signal that came with the start asks for this one.
    if (asked.operationId !== operationId) again = asked.operationId;
  });
  for (;;) {
    if (underway === null) {
      const page = await remote.operationPage({ operationId, kind, endpointId, reason, after });
      await startLanes(page.lanes);
      deliveries += page.deliveries;
      after = page.after;
      underway = page.underway ?? null;
    }
    if (underway !== null && (await isOver(underway))) underway = null;
    if (after === null && underway === null) break;
    if (workflowInfo().continueAsNewSuggested) {
      const position: Position = { operationId, kind, endpointId, reason, after, deliveries, underway, again };
      await continueAsNew<typeof runOperation>(position);
    }
  }
  if (again === null) return { deliveries };
  return continueAsNew<typeof runOperation>({ operationId: again, kind, endpointId, reason, deliveries });
}

/** Waits for the attempts of a page. `false`: the history has become long meanwhile, and the next run is to go on waiting. */
async function isOver(page: RetriedPage): Promise<boolean> {
  const endMs = page.dueByMs + PAGE_MS;
  for (let waitMs = LOOK.firstMs; Date.now() < endMs; waitMs = Math.min(2 * waitMs, LOOK.laterMs)) {
    await sleep(waitMs, { summary: "waits for the attempts of a page" });
    if (!(await local.isRetryUnderway(page))) return true;
    // Whoever asks for a retry again and again makes it long.
    if (workflowInfo().continueAsNewSuggested) return false;
  }
  return true;
}
