/** What the activities do, without anything of Temporal's: it may be called from another thread. */
import type { LaneItem, OperationInput, RetriedPage } from "../core/workflow-contract.js";
import { attemptDeliveries } from "./attempt-deliveries.js";
import type { AttemptInput } from "./attempt-deliveries.js";
import { dispatchEvents } from "./dispatch-events.js";
import type { DispatchInput, DispatchResult, FlightSource } from "./dispatch-events.js";
import { operationPage } from "./operations.js";
import type { OperationPage } from "./operations.js";
import { adoptDeliveries, cancelDeliveries } from "./own-deliveries.js";
import type { AdoptInput, CancelInput } from "./own-deliveries.js";
import type { ActivityPorts } from "./ports.js";
import { isRetryUnderway } from "./retry-page.js";
import { sweepOnce } from "./sweep.js";
import type { SweepResult } from "./sweep.js";

/** Arguments and results are plain data. Everything rejects with `store_unavailable` if the store is down. */
export interface ActivityWork {
  dispatchEvents(input: DispatchInput): Promise<DispatchResult>;
  adoptDeliveries(input: AdoptInput): Promise<LaneItem[]>;
  attemptDeliveries(input: AttemptInput): Promise<LaneItem[]>;
  cancelDeliveries(input: CancelInput): Promise<LaneItem[]>;
  /** `cancelled` unless the event was dispatched before. */
  cancelScheduled(input: { eventId: string }): Promise<{ cancelled: boolean }>;
  operationPage(input: OperationInput & { after: string | null }): Promise<OperationPage>;
  isRetryUnderway(page: RetriedPage): Promise<boolean>;
  sweepOnce(): Promise<SweepResult>;
}

export function createActivityWork(ports: ActivityPorts, flights: FlightSource): ActivityWork {
  return {
    dispatchEvents: (input) => dispatchEvents(ports, flights, input),
    adoptDeliveries: (input) => adoptDeliveries(ports, input),
    attemptDeliveries: (input) => attemptDeliveries(ports, input),
    cancelDeliveries: (input) => cancelDeliveries(ports, input),
    cancelScheduled: async ({ eventId }) => ({
      cancelled: (await ports.events.setState([eventId], ["accepted", "scheduled"], "cancelled")) > 0,
    }),
    operationPage: (input) => operationPage(ports, input),
    isRetryUnderway: (page) => isRetryUnderway(ports, page),
    sweepOnce: () => sweepOnce(ports),
  };
}
