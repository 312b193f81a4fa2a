/**
 * Looks for what was accepted and never dispatched, for deliveries that are due and have no workflow or one that is gone, and
 * for changes of endpoints that operators were not told of.
 */
import type { Delivery } from "../core/model.js";
import type { Dispatchable } from "../core/store-ports.js";
import type { Lane } from "../core/workflow-contract.js";
import { giveToLanes, startedAtOnce } from "./hand-over.js";
import type { ActivityPorts } from "./ports.js";
import { unpark } from "./unpark.js";

/** Longer than any head start and than the dispatcher keeps trying. */
const UNDISPATCHED_MS = 30_000;
/** A lane may be this late before anybody doubts that it lives. */
const OVERDUE_MS = 120_000;
const EVENTS_MAX = 5_000;
/** Overdue deliveries read at once, and orphans after which the rest waits for the next sweep. */
const DELIVERIES_READ = 1_000;
const ORPHANS_MAX = 1_000;
/** Overdue deliveries looked at: many may be late although their lanes live, and must not hide the others. */
const DELIVERIES_MAX = 50_000;
const ASKED_AT_ONCE = 16;
/** Endpoints whose changes operators are told late, in one sweep. */
const UNTOLD_MAX = 100;

export interface SweepResult {
  /** Batches to start `deliverEvents` for. */
  batches: { eventIds: string[]; applicationIds: string[]; eventTypes: string[] }[];
  /** Lanes to start; their deliveries were taken over from workflows that are gone. */
  lanes: Lane[];
  /** How many to start together. */
  lanesAtOnce: number;
}

export async function sweepOnce(ports: ActivityPorts): Promise<SweepResult> {
  const nowMs = ports.clock.now();
  const events = await ports.events.undispatched(new Date(nowMs - UNDISPATCHED_MS), EVENTS_MAX);
  const lanes = new Map<string, Lane>();
  await unpark(ports, lanes);
  const orphans = await findOrphans(ports, new Date(nowMs - OVERDUE_MS));
  await giveToLanes(ports, orphans, lanes);
  if (events.length > 0 || orphans.length > 0) {
    ports.log.warn({ events: events.length, lanes: lanes.size, orphans: orphans.length }, "sweep.found");
  }
  await tellUntold(ports);
  const started = [...lanes.values()];
  return { batches: toBatches(events, ports.batchMax), lanes: started, lanesAtOnce: startedAtOnce(started) };
}

/** Comes last and stops nothing: what is to be delivered is more important. */
async function tellUntold(ports: ActivityPorts): Promise<void> {
  try {
    await ports.watch.tellUntold(await ports.endpoints.withUntold(UNTOLD_MAX));
  } catch (error) {
    ports.log.error({}, "operational.not_told", error);
  }
}

function toBatches(events: readonly Dispatchable[], batchMax: number): SweepResult["batches"] {
  const batches: SweepResult["batches"] = [];
  for (let at = 0; at < events.length; at += batchMax) {
    const batch = events.slice(at, at + batchMax);
    batches.push({
      eventIds: batch.map((it) => it.id),
      applicationIds: [...new Set(batch.map((it) => it.applicationId))],
      eventTypes: [...new Set(batch.map((it) => it.eventType))],
    });
  }
  return batches;
}

/** Overdue deliveries whose workflow is gone. */
async function findOrphans(ports: ActivityPorts, before: Date): Promise<Delivery[]> {
  const gone = new Map<string | null, boolean>([[null, true]]);
  const orphans: Delivery[] = [];
  let after: string | null = null;
  for (let seen = 0; seen < DELIVERIES_MAX && orphans.length < ORPHANS_MAX; seen += DELIVERIES_READ) {
    const overdue: Delivery[] = await ports.deliveries.overdue(before, after, DELIVERIES_READ);
    const owners = new Set(overdue.flatMap((it) => it.workflowId ?? []));
    await askWhoIsGone(
      ports,
      [...owners].filter((it) => !gone.has(it)),
      gone,
    );
    orphans.push(...overdue.filter((it) => gone.get(it.workflowId) === true));
    after = overdue.at(-1)?.id ?? null;
    if (overdue.length < DELIVERIES_READ) break;
  }
  return orphans;
}

async function askWhoIsGone(
  ports: ActivityPorts,
  workflowIds: readonly string[],
  gone: Map<string | null, boolean>,
): Promise<void> {
  for (let at = 0; at < workflowIds.length; at += ASKED_AT_ONCE) {
    const asked = workflowIds.slice(at, at + ASKED_AT_ONCE).map(async (workflowId) => {
      gone.set(workflowId, !(await ports.engine.isRunning(workflowId)));
    });
    await Promise.all(asked);
  }
}
