/**
 * Looks for what was accepted and never dispatched, for deliveries that are due and have no workflow or one that is gone, and
 * for changes of endpoints that operators were not told of.
 */
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
  const orphans = await ports.orphans.find(ports, new Date(nowMs - OVERDUE_MS));
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
