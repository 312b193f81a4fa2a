/**
 * What API, activities and workflows agree on: names, ids, inputs. Ids and counters only: workflow histories are plain
 * text in Temporal, so neither payloads nor secrets may appear here.
 */
import type { Reservation } from "./rate-limit.js";

export const TASK_QUEUE = "posthorn";

export const WORKFLOW = {
  deliverEvents: "deliverEvents",
  deliverToEndpoint: "deliverToEndpoint",
  deliverLater: "deliverLater",
  runOperation: "runOperation",
  sweep: "sweep",
} as const;

export const SIGNAL = { resend: "resend", cancel: "cancel", adopt: "adopt", again: "again" } as const;

/** Most events in one `deliverEvents`, most deliveries in one `deliverToEndpoint`. */
export const BATCH_MAX = 200;

/** The same on a cluster with the usual limit of 2 KiB for a search attribute: about 34 bytes for each event id. */
export const BATCH_MAX_UNRAISED = 55;

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
  /** Commands that the run before had to leave to this one. */
  commands?: LaneCommand[];
  /** Turns at an endpoint with a rate limit, one for each of `deliveryIds`. */
  reservations?: (Reservation | null)[];
}

export interface DeliverLaterInput {
  eventId: string;
  /** ms since 1970. */
  deliverAtMs: number;
}

export interface DeliveryCommand {
  deliveryId: string;
  /** Makes a command that Temporal delivers twice count once. */
  commandId: string;
  /** The owner before, see {@link DeliverToEndpointInput.takeFrom}. */
  takeFrom: string | null;
  /** Attempts on record when the command was given. */
  attemptCount: number;
  /** Shown with what is cancelled. */
  reason: string;
}

export interface LaneCommand extends DeliveryCommand {
  kind: "resend" | "cancel";
}

/** To a lane that runs already: the store has given it these deliveries, too. */
export interface AdoptCommand {
  deliveryIds: string[];
  /** One for each of them. */
  reservations?: (Reservation | null)[];
}

export interface CancelEventCommand {
  commandId: string;
}

/** Deliveries of one endpoint that a `deliverToEndpoint` is to own. */
export interface Lane {
  workflowId: string;
  applicationId: string;
  endpointId: string;
  deliveryIds: string[];
  eventTypes: string[];
  /** Turns at an endpoint with a rate limit, one for each of `deliveryIds`. */
  reservations?: (Reservation | null)[];
}

/** Where a delivery stands, as far as a lane needs to know. */
export type LaneItem =
  | { deliveryId: string; kind: "final"; status: string }
  | {
      deliveryId: string;
      kind: "open";
      /** When the next attempt is due, ms since 1970. */
      dueAtMs: number;
      /** Attempts recorded; the next one has this number plus one. */
      attemptCount: number;
      /** Retries used up, and how many the schedule has; for the timer's summary. */
      retriesMade: number;
      retriesMax: number;
      /** A first attempt by the process that accepted the event may still be on its way, until `dueAtMs`. */
      unsettled: boolean;
      /** Its turn, where the endpoint has a rate limit. */
      reservation?: Reservation;
      /** That turn is what it waits for until `dueAtMs`: it may be asked for a moment before. */
      isTurn?: true;
    }
  /** Open as it is known to be; it waits for its turn, or is due because there is no limit any more. */
  | { deliveryId: string; kind: "waits"; dueAtMs: number; reservation: Reservation | null }
  /** Its endpoint is paused or disabled, or another workflow owns it: not this lane's business any more. */
  | { deliveryId: string; kind: "released" };

export interface AttemptOrder {
  deliveryId: string;
  /** What the workflow knows to be recorded: a repeat of the activity finds more and does not post again. */
  attemptCount: number;
  /** Set: a person asked for this attempt; made once for each command, whatever the count. */
  commandId: string | null;
  reservation?: Reservation;
}

/** Due, beside the orders of a call: asks for its turn only. */
export interface WaitingDelivery {
  deliveryId: string;
  reservation: Reservation | null;
}

/** A bulk job over the deliveries of one endpoint, in pages. */
export interface OperationInput {
  operationId: string;
  kind: "release" | "cancel" | "cancel-held" | "retry";
  endpointId: string;
  /** Shown as the reason of what is cancelled. */
  reason: string;
}

export interface OperationResult {
  deliveries: number;
}

/** To the retry of an endpoint: somebody asked for one, which is to begin when the one that runs has ended. */
export interface AgainCommand {
  operationId: string;
}

/** What one page of a retry has to wait for: deliveries of an endpoint that were due when the page was taken. */
export interface RetriedPage {
  endpointId: string;
  /** Ids after this one, `null`: from the first; up to `until`, inclusive. */
  after: string | null;
  until: string;
  /** ms since 1970. */
  dueByMs: number;
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

/** An endpoint has one retry at a time: two at once would each be in order, and not together. */
export function retryWorkflowId(endpointId: string): string {
  return `operation/retry/${endpointId}`;
}

/** The lane of the page that begins after this id: a repeat finds the same, whatever has left the page meanwhile. */
export function retryLaneWorkflowId(operationId: string, after: string | null): string {
  return `retry/${operationId}/${after ?? "first"}`;
}
