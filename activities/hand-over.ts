/** From first attempts to retry lanes: puts deliveries on record and names the workflow that owns them from now on. */
import type { Delivery } from "../core/model.js";
import { laneWorkflowId } from "../core/workflow-contract.js";
import type { Turn } from "../core/rate-limit.js";
import type { Lane } from "../core/workflow-contract.js";
import { dueAfterAll } from "./held.js";
import type { ActivityPorts } from "./ports.js";

const ROUNDS_MAX = 10;
const AT_ONCE_MAX = 100;

export interface HandOver {
  /** To put on record unless they are; nobody owns them until their endpoint is active. */
  held: readonly Delivery[];
  /** To put on record unless they are; the sweep finds them an owner when they are due. */
  parked?: readonly Delivery[];
  /** On record and not final. */
  open: readonly Delivery[];
  /** Not on record yet. */
  missing: readonly Delivery[];
  /** Turns that deliveries have at endpoints with a rate limit, by id. */
  turns?: ReadonlyMap<string, Turn>;
}

/**
 * Answers the lanes to start. Repeating it after a crash is harmless: a delivery that was given to a lane keeps it, and a
 * lane that was started already is started once.
 */
export async function handOver(ports: ActivityPorts, work: HandOver): Promise<Lane[]> {
  const unrecorded = [...work.held, ...work.missing, ...(work.parked ?? [])];
  if (unrecorded.length > 0) await ports.deliveries.insertNew(unrecorded);
  const lanes = new Map<string, Lane>();
  const ownerless: Delivery[] = [];
  const due = await dueAfterAll(ports, work.held);
  for (const delivery of [...work.open, ...work.missing, ...due]) {
    if (delivery.workflowId === null) ownerless.push(delivery);
    else addTo(lanes, delivery.workflowId, delivery);
  }
  await giveToLanes(ports, ownerless, lanes);
  const { turns } = work;
  if (turns === undefined || turns.size === 0) return [...lanes.values()];
  return [...lanes.values()].map((lane) => {
    const reservations = lane.deliveryIds.map((id) => turns.get(id)?.reservation ?? null);
    return reservations.some((it) => it !== null) ? { ...lane, reservations } : lane;
  });
}

/** Deliveries whose owner is nobody, or is gone, become new lanes' in `lanes`; what somebody else took meanwhile does not. */
export async function giveToLanes(
  ports: ActivityPorts,
  deliveries: readonly Delivery[],
  lanes: Map<string, Lane>,
): Promise<void> {
  for (const batch of batchesByEndpoint(deliveries, ports.batchMax)) {
    const workflowId = laneWorkflowId(batch.map((it) => it.id));
    for (const from of new Set(batch.map((it) => it.workflowId))) {
      const fromHere = batch.filter((it) => it.workflowId === from);
      const ids = fromHere.map((it) => it.id);
      const owned = new Set(await ports.deliveries.takeOver(ids, from, workflowId));
      for (const delivery of fromHere) if (owned.has(delivery.id)) addTo(lanes, workflowId, delivery);
    }
  }
}

/**
 * Not all together: a lane that starts takes tens of milliseconds of a processor, and the requests of others would wait for
 * all of them. Few go one after the other, and many take no more rounds than that.
 */
export function startedAtOnce(lanes: readonly Lane[]): number {
  return Math.min(AT_ONCE_MAX, Math.max(1, Math.ceil(lanes.length / ROUNDS_MAX)));
}

function addTo(lanes: Map<string, Lane>, workflowId: string, delivery: Delivery): void {
  const lane = lanes.get(workflowId) ?? {
    workflowId,
    applicationId: delivery.applicationId,
    endpointId: delivery.endpointId,
    deliveryIds: [],
    eventTypes: [],
  };
  lane.deliveryIds.push(delivery.id);
  if (!lane.eventTypes.includes(delivery.eventType)) lane.eventTypes.push(delivery.eventType);
  lanes.set(workflowId, lane);
}

/** Deliveries of one endpoint together, at most `batchMax`. */
function batchesByEndpoint(deliveries: readonly Delivery[], batchMax: number): Delivery[][] {
  const byEndpoint = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    byEndpoint.set(delivery.endpointId, [...(byEndpoint.get(delivery.endpointId) ?? []), delivery]);
  }
  return [...byEndpoint.values()].flatMap((all) => {
    const batches: Delivery[][] = [];
    for (let at = 0; at < all.length; at += batchMax) batches.push(all.slice(at, at + batchMax));
    return batches;
  });
}
