/**
 * The operation `retry`: what failed or waits for a retry is sent again now, oldest first, a page at a time.
 *
 * Each page becomes one lane, because a lane attempts in order. Its deliveries have other owners, and a live owner may
 * be about to attempt one. That nothing is attempted by two rests on this:
 *
 * - Ownership passes before anything else changes, and by a guarded update. A lane attempts a delivery only when it is
 *   due, and reads first who owns it. So what is not due when ownership passes is not on its way, and its old lane finds
 *   at the due time that the delivery is not its own any more and drops it. What is due, or nearly so, is on its way or
 *   soon will be: it stays where it is.
 * - What failed has no attempt of the schedule to come; nobody would begin one.
 * - An endpoint has one retry at a time, for the sake of order. Two at once would not repeat each other either: what one
 *   has taken is due and stays with it, or has its owner changed under the other, whose update then matches nothing.
 * - A repeat after a crash comes to the same lane id. What the try before had taken is owned by that lane, which was not
 *   started yet, so it is taken along. What a crash leaves open without a lane is found by the sweep; the sweep and this
 *   pass ownership by the same guarded update, and one of them gets it.
 * - A resend by a person is not seen here. One that is obeyed after ownership has passed is dropped with the delivery,
 *   which is sent now anyway; one on its way in this process is joined instead of repeated; one on its way in another
 *   process is a request of its own, and the receiver gets both.
 */
import type { Delivery, DeliveryStatus } from "../core/model.js";
import type { Lane, OperationInput, RetriedPage } from "../core/workflow-contract.js";
import { BATCH_MAX, retryLaneWorkflowId } from "../core/workflow-contract.js";
import type { OperationPage } from "./operations.js";
import type { ActivityPorts } from "./ports.js";

const RETRIED: readonly DeliveryStatus[] = ["failed", "retrying"];
/** A retry that is due within this stays with its lane: longer than the clocks of two machines may differ. */
const NEAR_MS = 3_000;
const OWNERS_AT_ONCE = 16;
/** How long an attempt of a lane takes at most, beside its timeout: to find a slot and to be put on record. */
const ATTEMPT_MS = 90_000;

export async function retryPage(
  ports: ActivityPorts,
  input: Pick<OperationInput, "operationId" | "endpointId"> & { after: string | null },
): Promise<OperationPage> {
  const { endpointId, after } = input;
  const endpoint = await ports.endpoints.findById(endpointId);
  // Nothing can be sent to it now; what waits is held when its time comes, and what failed stays as it is.
  if (endpoint?.status !== "active") return { lanes: [], deliveries: 0, after: null };
  const ids = await ports.deliveries.idsOfEndpoint(endpointId, RETRIED, after, ports.batchMax);
  const until = ids.at(-1);
  if (until === undefined) return { lanes: [], deliveries: 0, after: null };

  const workflowId = retryLaneWorkflowId(input.operationId, after);
  const read = oldestFirst(await ports.deliveries.findByIds(ids));
  const taken = await take(ports, read, workflowId);
  const nowMs = ports.clock.now();
  // The store may take so long that old lanes have begun: once such an attempt must be over, it is on record.
  const isLate = (it: Delivery): boolean =>
    it.status === "retrying" && it.workflowId !== workflowId && isDueBy(it, nowMs);
  const late = taken.filter(isLate);
  await makeOpen(ports, late, nowMs + endpoint.timeoutMs + ATTEMPT_MS);
  await makeOpen(
    ports,
    taken.filter((it) => !late.includes(it)),
    nowMs,
  );
  return {
    lanes: lanesOf(taken, workflowId),
    deliveries: taken.length,
    after: ids.length < ports.batchMax ? null : until,
    underway: { endpointId, after, until, dueByMs: nowMs + NEAR_MS },
  };
}

/** Whether an attempt of the page is still to come or on its way; a failure of this page is due later than the page was. */
export async function isRetryUnderway(ports: ActivityPorts, page: RetriedPage): Promise<boolean> {
  const ids = await ports.deliveries.idsOfEndpoint(page.endpointId, ["retrying"], page.after, BATCH_MAX);
  const deliveries = await ports.deliveries.findByIds(ids.filter((it) => it <= page.until));
  return deliveries.some((it) => it.status === "retrying" && isDueBy(it, page.dueByMs));
}

/** As they were read, before ownership passed. */
async function take(ports: ActivityPorts, read: readonly Delivery[], to: string): Promise<Delivery[]> {
  const isFree = (it: Delivery): boolean =>
    it.status === "failed" || it.workflowId === to || !isDueBy(it, ports.clock.now() + NEAR_MS);
  const owners = [...new Set(read.map((it) => it.workflowId))];
  const owned = new Set<string>();
  for (let at = 0; at < owners.length; at += OWNERS_AT_ONCE) {
    const takings = owners.slice(at, at + OWNERS_AT_ONCE).map((from) => {
      const ids = read.filter((it) => it.workflowId === from && isFree(it)).map((it) => it.id);
      return ports.deliveries.takeOver(ids, from, to);
    });
    for (const id of (await Promise.all(takings)).flat()) owned.add(id);
  }
  return read.filter((it) => owned.has(it.id));
}

async function makeOpen(ports: ActivityPorts, deliveries: readonly Delivery[], dueAtMs: number): Promise<void> {
  if (deliveries.length === 0) return;
  const change = { status: "retrying", reason: null, nextAttemptAt: new Date(dueAtMs) } as const;
  await ports.deliveries.settle(
    deliveries.map((it) => it.id),
    RETRIED,
    change,
  );
}

function lanesOf(deliveries: readonly Delivery[], workflowId: string): Lane[] {
  const [first] = deliveries;
  if (first === undefined) return [];
  const { applicationId, endpointId } = first;
  const eventTypes = [...new Set(deliveries.map((it) => it.eventType))];
  return [{ workflowId, applicationId, endpointId, deliveryIds: deliveries.map((it) => it.id), eventTypes }];
}

function isDueBy(delivery: Delivery, atMs: number): boolean {
  return (delivery.nextAttemptAt?.getTime() ?? 0) <= atMs;
}

function oldestFirst(deliveries: readonly Delivery[]): Delivery[] {
  return [...deliveries].sort((a, b) => (a.id < b.id ? -1 : 1));
}
