/** One order of a retry lane: an attempt, unless what is on record says otherwise. */
import { isFinal, OPEN_STATUSES } from "../core/delivery-state.js";
import type { Attempt, Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import type { AttemptOrder, LaneItem } from "../core/workflow-contract.js";
import { countRecorded } from "./half-recorded.js";
import { dueAfterAll } from "./held.js";
import { describeForLane } from "./lane-items.js";
import { performAttempt } from "./perform-attempt.js";
import type { ActivityPorts } from "./ports.js";

/** Enough to see a command's attempt among those that followed. */
const ATTEMPTS_LOOKED_AT = 25;

export interface OrderContext {
  order: AttemptOrder;
  delivery: Delivery;
  endpoint: Endpoint | null;
  event: WebhookEvent | undefined;
  /** `null`: nobody owns the delivery; see `probes.ts`. */
  workflowId: string | null;
  repeated: boolean;
  /** A request that has not begun by then is not made. */
  beginByMs: number;
  /** It is the one request that a half-open breaker lets through. */
  isProbe: boolean;
  /** What is on record of the delivery, if it was read already. */
  attempts?: readonly Attempt[] | undefined;
}

/** Whose first attempt may have been another process', and that one may be gone. */
export function isUnattempted({ status, attemptCount }: Delivery): boolean {
  return status === "pending" && attemptCount === 0;
}

/** Where the delivery stands afterwards. */
export async function followOrder(ports: ActivityPorts, it: OrderContext): Promise<LaneItem> {
  const { order, endpoint, event } = it;
  if (it.delivery.status === "held" && it.delivery.workflowId === null) return leave(ports, it);
  if (it.delivery.workflowId !== it.workflowId) return { deliveryId: order.deliveryId, kind: "released" };
  if (endpoint === null) return settle(ports, it, { status: "cancelled", reason: "the endpoint was deleted" });

  const { delivery, isMade } = await whatIsOnRecord(ports, it, endpoint);
  if (isMade) return describe(ports, it, delivery);
  if (event === undefined) return settle(ports, it, { status: "failed", reason: "the event has expired" });
  if (endpoint.status !== "active") {
    await settle(ports, it, { status: "held", reason: `the endpoint is ${endpoint.status}` });
    return leave(ports, it);
  }
  const stillWanted = (): boolean => ports.clock.now() < it.beginByMs;
  const { isProbe } = it;
  const plan = { event, endpoint, delivery, commandId: order.commandId, isProbe, stillWanted };
  const after = await performAttempt(ports, plan);
  return describe(ports, it, after);
}

/** The delivery as it is, and whether the attempt that is asked for was made or has become needless. */
async function whatIsOnRecord(
  ports: ActivityPorts,
  { order, delivery: read, repeated, attempts: known }: OrderContext,
  endpoint: Endpoint,
): Promise<{ delivery: Delivery; isMade: boolean }> {
  const { commandId } = order;
  const isUnclear = repeated || isUnattempted(read) || commandId !== null;
  const attempts = known ?? (isUnclear ? await ports.attempts.ofDelivery(read.id, ATTEMPTS_LOOKED_AT) : []);
  const delivery = await countRecorded(ports, { delivery: read, endpoint }, attempts);
  if (commandId !== null) return { delivery, isMade: attempts.some((it) => it.commandId === commandId) };
  return { delivery, isMade: delivery.attemptCount > order.attemptCount || isFinal(delivery.status) };
}

function describe({ clock }: ActivityPorts, { endpoint }: OrderContext, delivery: Delivery): LaneItem {
  const retriesMax = endpoint?.retryPolicy.scheduleSeconds.length ?? 0;
  return describeForLane(delivery, { nowMs: clock.now(), retriesMax });
}

async function settle(
  ports: ActivityPorts,
  { delivery }: OrderContext,
  change: { status: "cancelled" | "failed" | "held"; reason: string },
): Promise<LaneItem> {
  await ports.deliveries.settle([delivery.id], OPEN_STATUSES, { ...change, nextAttemptAt: null });
  return { deliveryId: delivery.id, kind: "final", status: change.status };
}

/** Lets go of a held delivery, unless its endpoint was resumed before it was held: nobody else would release it then. */
async function leave(ports: ActivityPorts, it: OrderContext): Promise<LaneItem> {
  const { delivery, workflowId } = it;
  const [due] = isFinal(delivery.status) ? [] : await dueAfterAll(ports, [delivery]);
  const owned =
    due === undefined || workflowId === null ? [] : await ports.deliveries.takeOver([delivery.id], null, workflowId);
  if (due === undefined || owned.length === 0) return { deliveryId: delivery.id, kind: "released" };
  return describe(ports, it, due);
}
