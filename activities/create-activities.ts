/** The activities as Temporal sees them. Workflows import the types of this file and nothing else of this folder. */
import { Context } from "@temporalio/activity";
import type { DeliverEventsInput, LaneItem, OperationInput, RetriedPage } from "../core/workflow-contract.js";
import { attemptDeliveries } from "./attempt-deliveries.js";
import type { AttemptInput } from "./attempt-deliveries.js";
import { dispatchEvents } from "./dispatch-events.js";
import type { DispatchResult, FlightSource } from "./dispatch-events.js";
import { operationPage } from "./operations.js";
import type { OperationPage } from "./operations.js";
import { adoptDeliveries, cancelDeliveries } from "./own-deliveries.js";
import type { AdoptInput, CancelInput } from "./own-deliveries.js";
import type { ActivityPorts } from "./ports.js";
import { isRetryUnderway } from "./retry-page.js";
import { sweepOnce } from "./sweep.js";
import type { SweepResult } from "./sweep.js";

const HEARTBEAT_MS = 3_000;

export interface Activities {
  dispatchEvents: (input: DeliverEventsInput) => Promise<DispatchResult>;
  adoptDeliveries: (input: AdoptInput) => Promise<LaneItem[]>;
  attemptDeliveries: (input: Omit<AttemptInput, "repeated">) => Promise<LaneItem[]>;
  cancelDeliveries: (input: CancelInput) => Promise<LaneItem[]>;
  /** `cancelled` unless the event was dispatched before. */
  cancelScheduled: (input: { eventId: string }) => Promise<{ cancelled: boolean }>;
  operationPage: (input: OperationInput & { after: string | null }) => Promise<OperationPage>;
  isRetryUnderway: (page: RetriedPage) => Promise<boolean>;
  sweepOnce: () => Promise<SweepResult>;
}

export function createActivities(ports: ActivityPorts, flights: FlightSource): Activities {
  return {
    dispatchEvents: (input) => {
      const { workflowId, runId } = runOf();
      return dispatchEvents(ports, flights, { eventIds: input.eventIds, owner: `${workflowId}/${runId}` });
    },
    adoptDeliveries: (input) => adoptDeliveries(ports, input),
    attemptDeliveries: (input) => {
      const repeated = Context.current().info.attempt > 1;
      return heartbeating(() => attemptDeliveries(ports, { ...input, repeated }));
    },
    cancelDeliveries: (input) => cancelDeliveries(ports, input),
    cancelScheduled: async (input) => ({
      cancelled: (await ports.events.setState([input.eventId], ["accepted", "scheduled"], "cancelled")) > 0,
    }),
    operationPage: (input) => heartbeating(() => operationPage(ports, input)),
    isRetryUnderway: (page) => isRetryUnderway(ports, page),
    sweepOnce: () => heartbeating(() => sweepOnce(ports)),
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
