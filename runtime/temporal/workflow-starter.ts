/** One start of a workflow for the first attempts of accepted events. */
import { searchPairs } from "../../core/search-attributes.js";
import type { Dispatchable } from "../../core/store-ports.js";
import { eventsWorkflowId, scheduledWorkflowId, TASK_QUEUE, WORKFLOW } from "../../core/workflow-contract.js";
import type { DeliverEventsInput, DeliverLaterInput } from "../../core/workflow-contract.js";
import type { TemporalLink } from "./link.js";

const START_TIMEOUT_MS = 5_000;

export interface StarterOptions {
  link: Pick<TemporalLink, "call">;
  /** A worker runs on the same connection: the first task comes back in the start's own answer. */
  eager: boolean;
}

/**
 * Starts the workflow of a batch: one scheduled event, or up to `BATCH_MAX` others. The same batch has the same workflow
 * id, so that a start whose answer was lost may be repeated.
 */
export function createStarter({ link, eager }: StarterOptions): (events: readonly Dispatchable[]) => Promise<void> {
  return async (events) => {
    const [first] = events;
    if (first === undefined) return;
    const common = {
      taskQueue: TASK_QUEUE,
      workflowIdConflictPolicy: "USE_EXISTING",
      typedSearchAttributes: attributesOf(events),
      staticSummary: summaryOf(events),
    } as const;
    const { deliverAt } = first;
    if (deliverAt !== null) {
      const input: DeliverLaterInput = { eventId: first.id, deliverAtMs: deliverAt.getTime() };
      await link.call(START_TIMEOUT_MS, (client) =>
        client.workflow.start(WORKFLOW.deliverLater, {
          ...common,
          workflowId: scheduledWorkflowId(first.id),
          args: [input],
          startDelay: Math.max(0, input.deliverAtMs - Date.now()),
        }),
      );
      return;
    }
    const input: DeliverEventsInput = { eventIds: events.map((it) => it.id) };
    await link.call(START_TIMEOUT_MS, (client) =>
      client.workflow.start(WORKFLOW.deliverEvents, {
        ...common,
        workflowId: eventsWorkflowId(input.eventIds),
        args: [input],
        requestEagerStart: eager,
      }),
    );
  };
}

function attributesOf(events: readonly Dispatchable[]): ReturnType<typeof searchPairs> {
  return searchPairs({
    applicationIds: [...new Set(events.map((it) => it.applicationId))],
    eventIds: events.map((it) => it.id),
    eventTypes: [...new Set(events.map((it) => it.eventType))],
  });
}

function summaryOf(events: readonly Dispatchable[]): string {
  const types = [...new Set(events.map((it) => it.eventType))];
  const names = types.slice(0, 3).join(", ").slice(0, 300) + (types.length > 3 ? ", …" : "");
  return events.length === 1 ? names : `${events.length} events: ${names}`;
}
