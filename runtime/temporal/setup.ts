/** What a namespace needs: search attributes and the schedule of the sweep. Repeating it changes nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from "@temporalio/client";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.js";
import { TASK_QUEUE, WORKFLOW } from "../../core/workflow-contract.js";
import type { TemporalLink } from "./link.js";

const CALL_TIMEOUT_MS = 10_000;
/** 30 s in all. */
const KNOWN_TRIES = 120;
const KNOWN_PAUSE_MS = 250;
const SWEEP_SCHEDULE = "posthorn-sweep";
const SWEEP_EVERY = "15s";

/** Indexed value types of Temporal's API. */
const INDEXED_TYPE = { Keyword: 2, KeywordList: 7 } as const;

export interface SetupReport {
  attributesAdded: string[];
  scheduleCreated: boolean;
}

export async function setUpNamespace(link: TemporalLink): Promise<SetupReport> {
  return { attributesAdded: await addSearchAttributes(link), scheduleCreated: await createSchedule(link) };
}

/**
 * Runs the sweep now rather than at its next turn; also while one runs, for that may be one whose process is gone, which
 * ends only when its time is up. Two at once do no harm: what one has taken, the other leaves.
 */
export async function triggerSweep(link: Pick<TemporalLink, "call">): Promise<void> {
  const overlap = ScheduleOverlapPolicy.ALLOW_ALL;
  await link.call(CALL_TIMEOUT_MS, (client) => client.schedule.getHandle(SWEEP_SCHEDULE).trigger(overlap));
}

async function addSearchAttributes(link: TemporalLink): Promise<string[]> {
  const missing = await missingSearchAttributes(link);
  if (missing.length === 0) return [];
  await link.call(CALL_TIMEOUT_MS, (client) =>
    client.connection.operatorService.addSearchAttributes({
      namespace: link.namespace,
      searchAttributes: Object.fromEntries(missing.map((it) => [it.name, INDEXED_TYPE[it.type]])),
    }),
  );
  return missing.map((it) => it.name);
}

export async function missingSearchAttributes(link: TemporalLink): Promise<(typeof SEARCH_ATTRIBUTES)[number][]> {
  const known = await link.call(CALL_TIMEOUT_MS, (client) =>
    client.connection.operatorService.listSearchAttributes({ namespace: link.namespace }),
  );
  return SEARCH_ATTRIBUTES.filter((it) => known.customAttributes[it.name] === undefined);
}

/** A new attribute is accepted some seconds after it was added: Temporal reads its namespaces anew now and then. */
export async function searchAttributesKnown(link: TemporalLink, signal: AbortSignal): Promise<void> {
  const query = SEARCH_ATTRIBUTES.map((it) => `${it.name} = "none"`).join(" AND ");
  for (let tries = 1; ; tries += 1) {
    try {
      await link.call(CALL_TIMEOUT_MS, (client) => client.workflow.count(query));
      return;
    } catch (error) {
      if (tries >= KNOWN_TRIES) throw error;
    }
    await sleep(KNOWN_PAUSE_MS, undefined, { signal });
  }
}

async function createSchedule(link: TemporalLink): Promise<boolean> {
  try {
    await link.call(CALL_TIMEOUT_MS, (client) =>
      client.schedule.create({
        scheduleId: SWEEP_SCHEDULE,
        spec: { intervals: [{ every: SWEEP_EVERY }] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "1m" },
        action: {
          type: "startWorkflow",
          workflowType: WORKFLOW.sweep,
          workflowId: "sweep",
          // One that hangs must not keep the next ones from starting for ever.
          workflowExecutionTimeout: "10m",
          taskQueue: TASK_QUEUE,
          args: [],
          staticSummary: "starts what was accepted and never dispatched",
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}
