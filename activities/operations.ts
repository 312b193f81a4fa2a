/** Bulk work, a page at a time: the workflow keeps the position, these move the deliveries. */
import { needsOwner, OPEN_STATUSES } from "../core/delivery-state.js";
import type { Delivery } from "../core/model.js";
import type { Lane, OperationInput, RetriedPage } from "../core/workflow-contract.js";
import { BATCH_MAX } from "../core/workflow-contract.js";
import { handOver } from "./hand-over.js";
import { makeDue } from "./held.js";
import type { ActivityPorts } from "./ports.js";
import { retryPage } from "./retry-page.js";

const SIGNALS_AT_ONCE = 16;

export interface OperationPage {
  lanes: Lane[];
  deliveries: number;
  /** Where the next page begins; `null`: this was the last. */
  after: string | null;
  /** Of a retry: the next page is not to be taken before the attempts of this one are over. */
  underway?: RetriedPage;
}

export async function operationPage(
  ports: ActivityPorts,
  input: OperationInput & { after: string | null },
): Promise<OperationPage> {
  if (input.kind === "retry") return retryPage(ports, input);
  const statuses = input.kind === "cancel" ? OPEN_STATUSES : (["held"] as const);
  const ids = await ports.deliveries.idsOfEndpoint(input.endpointId, statuses, input.after, BATCH_MAX);
  const after = ids.length < BATCH_MAX ? null : (ids.at(-1) ?? null);
  const deliveries = await ports.deliveries.findByIds(ids);
  if (input.kind === "cancel" && input.after === null) await ports.turns.forget(input.endpointId);
  if (input.kind !== "release") {
    await cancelAll(ports, deliveries, input);
    return { lanes: [], deliveries: deliveries.length, after };
  }
  return { lanes: await release(ports, deliveries), deliveries: deliveries.length, after };
}

async function release(ports: ActivityPorts, deliveries: readonly Delivery[]): Promise<Lane[]> {
  const held = deliveries.filter((it) => it.status === "held");
  return handOver(ports, { held: [], missing: [], open: await makeDue(ports, held) });
}

/** Of what an endpoint held, one that somebody has released meanwhile goes its way. */
async function cancelAll(ports: ActivityPorts, deliveries: readonly Delivery[], input: OperationInput): Promise<void> {
  const cancelled = { status: "cancelled", reason: input.reason, nextAttemptAt: null } as const;
  const held = deliveries.filter((it) => it.status === "held").map((it) => it.id);
  if (held.length > 0) await ports.deliveries.settle(held, ["held"], cancelled);
  if (input.kind === "cancel-held") return;
  // What waits for its endpoint's breaker has no workflow either; a lane that gets it now finds that it is final.
  const parked = deliveries.filter((it) => needsOwner(it.status) && it.workflowId === null).map((it) => it.id);
  if (parked.length > 0) await ports.deliveries.settle(parked, ["pending", "retrying"], cancelled);
  const owned = deliveries.filter((it) => it.workflowId !== null && it.status !== "held");
  for (let at = 0; at < owned.length; at += SIGNALS_AT_ONCE) {
    await Promise.all(
      owned
        .slice(at, at + SIGNALS_AT_ONCE)
        .map((it) => ports.engine.cancelDelivery(it, `${input.operationId}:${it.id}`, input.reason)),
    );
  }
}
