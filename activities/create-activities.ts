/** The activities as Temporal sees them. Workflows import the types of this file and nothing else of this folder. */
import { Context } from "@temporalio/activity";
import type { DeliverEventsInput } from "../core/workflow-contract.js";
import type { ActivityWork } from "./activity-work.js";
import type { AttemptInput } from "./attempt-deliveries.js";
import type { DispatchResult } from "./dispatch-events.js";

const HEARTBEAT_MS = 3_000;

/** {@link ActivityWork} without what the activity knows from Temporal: which run it works for, and whether it was tried before. */
export interface Activities extends Omit<ActivityWork, "dispatchEvents" | "attemptDeliveries"> {
  dispatchEvents: (input: DeliverEventsInput) => Promise<DispatchResult>;
  attemptDeliveries: (input: Omit<AttemptInput, "repeated">) => ReturnType<ActivityWork["attemptDeliveries"]>;
}

export function createActivities(work: ActivityWork): Activities {
  return {
    dispatchEvents: ({ eventIds }) => {
      const { workflowId, runId } = runOf();
      return work.dispatchEvents({ eventIds, owner: `${workflowId}/${runId}` });
    },
    adoptDeliveries: (input) => work.adoptDeliveries(input),
    attemptDeliveries: (input) => {
      const repeated = Context.current().info.attempt > 1;
      return heartbeating(() => work.attemptDeliveries({ ...input, repeated }));
    },
    cancelDeliveries: (input) => work.cancelDeliveries(input),
    cancelScheduled: (input) => work.cancelScheduled(input),
    operationPage: (input) => heartbeating(() => work.operationPage(input)),
    isRetryUnderway: (page) => work.isRetryUnderway(page),
    sweepOnce: () => heartbeating(() => work.sweepOnce()),
  };
}

function runOf(): { workflowId: string; runId: string } {
  const execution = Context.current().info.workflowExecution;
  if (execution === undefined) throw new Error("this activity runs in a workflow only");
  return execution;
}

/** A worker that dies is noticed when heartbeats stop, not when the longest attempt would have ended. */
async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
