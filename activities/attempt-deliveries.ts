/** Attempts of a retry lane: some deliveries of one endpoint, each at most once per number. */
import { isPosthornError } from "../core/errors.js";
import type { Attempt, Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import type { AttemptOrder, LaneItem, WaitingDelivery } from "../core/workflow-contract.js";
import { keepTurns, lastCallMs, takeTurnsOf, untilTurn } from "./attempt-in-turn.js";
import { followOrder, isUnattempted } from "./follow-order.js";
import { describeForLane } from "./lane-items.js";
import { passBreaker } from "./pass-breaker.js";
import type { ActivityPorts } from "./ports.js";
import { PROBE_BEGIN_MS } from "./probes.js";

/** Requests that find no free slot within this are left to a later call: the activity ends well before its timeout. */
const BEGIN_MS = 60_000;
/** The same for requests one after the other: between two calls the lane looks at what it was told meanwhile. */
const BEGIN_IN_ORDER_MS = 20_000;
/** How long a delivery rests that failed here while others of the same call did not. */
const FAILED_REST_MS = 30_000;

export interface AttemptInput {
  endpointId: string;
  workflowId: string;
  /** At most 128. */
  orders: AttemptOrder[];
  /** Due, too, and too many for this call: at most 200, which get their turns at an endpoint with a rate limit. */
  waiting?: WaitingDelivery[];
  /** This is not the first try: a try before may have posted and recorded. */
  repeated: boolean;
}

/** What the orders of a call are about. */
interface OnRecord {
  endpoint: Endpoint | null;
  deliveries: Map<string, Delivery>;
  /** When an order may go; absent: now. */
  goAtMs: ReadonlyMap<string, number>;
}

/** Where each delivery stands afterwards. Rejects if the store is down; repeating it posts nothing twice that is on record. */
export async function attemptDeliveries(ports: ActivityPorts, input: AttemptInput): Promise<LaneItem[]> {
  const ids = input.orders.map((it) => it.deliveryId);
  const [endpoint, deliveries] = await Promise.all([
    ports.endpoints.findById(input.endpointId),
    ports.deliveries.findByIds(ids),
  ]);
  const byId = new Map(deliveries.map((it) => [it.id, it]));
  const isCommand = input.orders.some((it) => it.commandId !== null);
  const restMs = isCommand || input.repeated ? 0 : ports.slots.restOf(input.endpointId, input.workflowId);
  if (restMs > 0) {
    const resting = input.orders.map((order) => rested(ports, byId.get(order.deliveryId), { order, endpoint, restMs }));
    return keepTurns(ports, resting, input.orders);
  }
  const { orders, waiting, goAtMs } = await takeTurnsOf(ports, endpoint, { ...input, deliveries: byId });
  if (orders.length === 0) return waiting;
  const items = await attemptNow(ports, { ...input, orders }, { endpoint, deliveries: byId, goAtMs });
  return [...keepTurns(ports, items, orders), ...waiting];
}

async function attemptNow(ports: ActivityPorts, input: AttemptInput, onRecord: OnRecord): Promise<LaneItem[]> {
  const { endpoint, deliveries: byId, goAtMs } = onRecord;
  const events = await loadEvents(ports, [...byId.values()]);
  const passage = await passBreaker(ports, endpoint, { ...input, deliveries: byId, events });
  const resting = passage.resting.map((order) =>
    rested(ports, byId.get(order.deliveryId), { order, endpoint, restMs: passage.restMs }),
  );
  // The lane gives them up: one that waits for minutes, and wakes for each probe, for every failure of a receiver that is
  // down would cost more than all deliveries that succeed.
  const parked = passage.parked.map(({ deliveryId }): LaneItem => ({ deliveryId, kind: "released" }));
  if (passage.orders.length === 0) return [...resting, ...parked];
  const isInOrder = endpoint?.profile === "metriport";
  const recorded = isInOrder ? new Map<string, Attempt[]>() : await recordedOf(ports, passage.orders, input, byId);
  const beginByMs = ports.clock.now() + (isInOrder ? BEGIN_IN_ORDER_MS : BEGIN_MS);
  const probeByMs = ports.clock.now() + PROBE_BEGIN_MS;
  const follow = async (order: AttemptOrder): Promise<LaneItem> => {
    const delivery = byId.get(order.deliveryId);
    if (delivery === undefined) return unknown(order);
    const event = events.get(delivery.eventId);
    const goAt = goAtMs.get(order.deliveryId);
    await untilTurn(ports, goAt);
    // One after the other takes long enough for its URL and key to be cleared and set anew.
    const now = isInOrder ? await ports.endpoints.findById(input.endpointId) : endpoint;
    const isProbe = order.deliveryId === passage.probeId;
    return followOrder(ports, {
      ...input,
      order,
      delivery,
      endpoint: now,
      event,
      beginByMs: lastCallMs(goAt, isProbe ? probeByMs : beginByMs),
      isProbe,
      attempts: recorded.get(order.deliveryId),
    });
  };
  const orders = isInOrder ? oldestFirst(passage.orders) : passage.orders;
  const outcomes = await (isInOrder ? oneByOne(orders, follow) : Promise.allSettled(orders.map(follow)));
  if (outcomes.every((it) => it.status === "rejected")) throw outcomes[0]?.reason;
  const followed = outcomes.map((outcome, index) => {
    if (outcome.status === "fulfilled") return outcome.value;
    if (isStoreDown(outcome.reason)) throw outcome.reason;
    // One delivery that cannot be handled must not stop the others of its lane.
    const order = orders[index];
    if (order === undefined) throw outcome.reason;
    ports.log.error({ deliveryId: order.deliveryId }, "attempt.failed", outcome.reason);
    return rested(ports, byId.get(order.deliveryId), { order, endpoint, restMs: FAILED_REST_MS });
  });
  return [...followed, ...resting, ...parked];
}

/** What is on record of deliveries that have no attempt: in one query, for a backlog consists of them. */
async function recordedOf(
  ports: ActivityPorts,
  orders: readonly AttemptOrder[],
  { repeated }: AttemptInput,
  deliveries: ReadonlyMap<string, Delivery>,
): Promise<Map<string, Attempt[]>> {
  const asked = orders.flatMap(({ deliveryId, commandId }) => {
    const delivery = deliveries.get(deliveryId);
    return commandId === null && !repeated && delivery !== undefined && isUnattempted(delivery) ? [deliveryId] : [];
  });
  const recorded = new Map<string, Attempt[]>(asked.map((id) => [id, []]));
  try {
    for (const attempt of await ports.attempts.ofDeliveries(asked)) recorded.get(attempt.deliveryId)?.push(attempt);
    return recorded;
  } catch (error) {
    if (isStoreDown(error)) throw error;
    // One that cannot be read concerns its own delivery, and is met when that is asked for.
    return new Map();
  }
}

/** Ids of deliveries begin with their events', which ascend with time. */
function oldestFirst(orders: readonly AttemptOrder[]): AttemptOrder[] {
  return [...orders].sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
}

/**
 * Receivers of the profile `metriport` get one request after the other. A receiver that hangs uses up the time to begin:
 * the rest comes back as it is, still due, and the lane asks for it again; so the call ends within that time, one
 * timeout and the record of one attempt. A store that is down ends it at once, for every record would wait for it.
 */
async function oneByOne(
  orders: readonly AttemptOrder[],
  follow: (order: AttemptOrder) => Promise<LaneItem>,
): Promise<PromiseSettledResult<LaneItem>[]> {
  const outcomes: PromiseSettledResult<LaneItem>[] = [];
  for (const order of orders) {
    const [outcome] = await Promise.allSettled([follow(order)]);
    if (outcome.status === "rejected" && isStoreDown(outcome.reason)) throw outcome.reason;
    outcomes.push(outcome);
  }
  return outcomes;
}

function isStoreDown(error: unknown): boolean {
  return isPosthornError(error) && error.code === "store_unavailable";
}

async function loadEvents(ports: ActivityPorts, deliveries: readonly Delivery[]): Promise<Map<string, WebhookEvent>> {
  const ids = [...new Set(deliveries.map((it) => it.eventId))];
  return new Map((await ports.events.findByIds(ids)).map((it) => [it.id, it]));
}

function unknown(order: AttemptOrder): LaneItem {
  return { deliveryId: order.deliveryId, kind: "final", status: "unknown" };
}

/** As it is on record, but due later. */
function rested(
  ports: ActivityPorts,
  delivery: Delivery | undefined,
  it: { order: AttemptOrder; endpoint: Endpoint | null; restMs: number },
): LaneItem {
  if (delivery === undefined) return unknown(it.order);
  const nowMs = ports.clock.now();
  const retriesMax = it.endpoint?.retryPolicy.scheduleSeconds.length ?? 0;
  const item = describeForLane(delivery, { nowMs, retriesMax });
  return item.kind === "open"
    ? { ...item, dueAtMs: Math.max(item.dueAtMs, nowMs + it.restMs), unsettled: false }
    : item;
}
