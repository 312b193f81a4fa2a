/** Attempts of a retry lane: some deliveries of one endpoint, each at most once per number. */
import { isFinal } from "../core/delivery-state.js";
import type { Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import type { AttemptOrder, LaneItem } from "../core/workflow-contract.js";
import { describeForLane } from "./lane-items.js";
import { performAttempt } from "./perform-attempt.js";
import type { ActivityPorts } from "./ports.js";

export interface AttemptInput {
  endpointId: string;
  workflowId: string;
  /** At most 32. */
  orders: AttemptOrder[];
}

/** Where each delivery stands afterwards. Rejects if the store is down; repeating it posts nothing twice that is on record. */
export async function attemptDeliveries(ports: ActivityPorts, input: AttemptInput): Promise<LaneItem[]> {
  const ids = input.orders.map((it) => it.deliveryId);
  const [endpoint, deliveries] = await Promise.all([
    ports.endpoints.findById(input.endpointId),
    ports.deliveries.findByIds(ids),
  ]);
  const byId = new Map(deliveries.map((it) => [it.id, it]));
  const events = await loadEvents(ports, deliveries);
  const outcomes = await Promise.allSettled(
    input.orders.map((order) => {
      const delivery = byId.get(order.deliveryId);
      return delivery === undefined
        ? Promise.resolve<LaneItem>({ deliveryId: order.deliveryId, kind: "final", status: "unknown" })
        : follow(ports, {
            order,
            delivery,
            endpoint,
            event: events.get(delivery.eventId),
            workflowId: input.workflowId,
          });
    }),
  );
  const failed = outcomes.find((it) => it.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return outcomes.flatMap((it) => (it.status === "fulfilled" ? [it.value] : []));
}

async function loadEvents(ports: ActivityPorts, deliveries: readonly Delivery[]): Promise<Map<string, WebhookEvent>> {
  const ids = [...new Set(deliveries.map((it) => it.eventId))];
  return new Map((await ports.events.findByIds(ids)).map((it) => [it.id, it]));
}

interface Order {
  order: AttemptOrder;
  delivery: Delivery;
  endpoint: Endpoint | null;
  event: WebhookEvent | undefined;
  workflowId: string;
}

async function follow(ports: ActivityPorts, it: Order): Promise<LaneItem> {
  const { order, delivery, endpoint } = it;
  const describe = (row: Delivery): LaneItem =>
    describeForLane(row, { nowMs: ports.clock.now(), retriesMax: endpoint?.retryPolicy.scheduleSeconds.length ?? 0 });
  if (delivery.workflowId !== it.workflowId) return { deliveryId: delivery.id, kind: "released" };
  // A repeat of this activity, or the process with the head start was done after all: what is on record counts.
  if (delivery.attemptCount > order.attemptCount) return describe(delivery);
  if (order.commandId === null && isFinal(delivery.status)) return describe(delivery);
  if (endpoint === null) return settle(ports, delivery, { status: "cancelled", reason: "the endpoint was deleted" });
  if (it.event === undefined) return settle(ports, delivery, { status: "failed", reason: "the event has expired" });
  if (endpoint.status !== "active") {
    return settle(ports, delivery, { status: "held", reason: `the endpoint is ${endpoint.status}` });
  }
  const after = await performAttempt(ports, { event: it.event, endpoint, delivery, commandId: order.commandId });
  return describe(after);
}

async function settle(
  ports: ActivityPorts,
  delivery: Delivery,
  change: { status: "cancelled" | "failed" | "held"; reason: string },
): Promise<LaneItem> {
  await ports.deliveries.settle([delivery.id], ["pending", "retrying"], { ...change, nextAttemptAt: null });
  if (change.status === "held") return { deliveryId: delivery.id, kind: "released" };
  return { deliveryId: delivery.id, kind: "final", status: change.status };
}
