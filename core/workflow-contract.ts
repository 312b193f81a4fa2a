/**
 * What API, activities and workflows agree on: names, ids, inputs. Ids and counters only: workflow histories are plain
 * text in Temporal, so neither payloads nor secrets may appear here.
 */
export const TASK_QUEUE = "posthorn";

export const WORKFLOW = {
  deliverEvents: "deliverEvents",
  deliverToEndpoint: "deliverToEndpoint",
  deliverLater: "deliverLater",
  runOperation: "runOperation",
  sweep: "sweep",
} as const;

export const SIGNAL = { resend: "resend", cancel: "cancel" } as const;

/** Registered on the namespace by `posthorn setup` and by the embedded stack. */
export const SEARCH_ATTRIBUTES = [
  { name: "ApplicationId", type: "Keyword" },
  { name: "EndpointId", type: "Keyword" },
  { name: "EventId", type: "KeywordList" },
  { name: "EventType", type: "KeywordList" },
] as const;

/** Events in one `deliverEvents`, deliveries in one `deliverToEndpoint`. */
export const BATCH_MAX = 200;

export interface DeliverEventsInput {
  eventIds: string[];
}

export interface DeliverToEndpointInput {
  endpointId: string;
  deliveryIds: string[];
  /**
   * The workflow that owned the deliveries and is known to have ended; ownership passes on only from it. `null` where
   * the deliveries were written with this workflow as owner.
   */
  takeFrom: string | null;
}

export interface DeliverLaterInput {
  eventId: string;
}

export interface DeliveryCommand {
  deliveryId: string;
  /** Makes a command that Temporal delivers twice count once. */
  commandId: string;
  /** The owner before, see {@link DeliverToEndpointInput.takeFrom}. */
  takeFrom: string | null;
}

export interface CancelEventCommand {
  commandId: string;
}

/** A bulk job over the deliveries of one endpoint, in pages. */
export interface OperationInput {
  operationId: string;
  kind: "release" | "cancel";
  endpointId: string;
  /** Shown as the reason of what is cancelled. */
  reason: string;
}

export interface OperationResult {
  deliveries: number;
}

/** `delivery/<id>` for one, `deliveries/<first>+<n>` for more: people paste an id into the Web UI and find it. */
export function laneWorkflowId(deliveryIds: readonly string[]): string {
  const [first] = deliveryIds;
  if (first === undefined) throw new Error("a lane needs a delivery");
  return deliveryIds.length === 1 ? `delivery/${first}` : `deliveries/${first}+${deliveryIds.length - 1}`;
}

export function eventsWorkflowId(eventIds: readonly string[]): string {
  const [first] = eventIds;
  if (first === undefined) throw new Error("a batch needs an event");
  return eventIds.length === 1 ? `event/${first}` : `events/${first}+${eventIds.length - 1}`;
}

export function scheduledWorkflowId(eventId: string): string {
  return `scheduled/${eventId}`;
}

export function operationWorkflowId(operationId: string): string {
  return `operation/${operationId}`;
}
