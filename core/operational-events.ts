/**
 * What operators are told about endpoints and deliveries, as webhooks of their own. Ids and numbers only: no URL with its
 * query, no header, no payload.
 */
import type { EndpointStatusReason } from "./model.js";
import type { OutcomeClass } from "./outcome.js";

/** The application, by `uid`, whose endpoints get operational events; nothing is told about itself. */
export const OPERATOR_UID = "operator";

interface AboutEndpoint {
  applicationId: string;
  endpointId: string;
  /** Tells repeats of one change from further changes; ascends with each change of an endpoint. */
  revision: number;
  at: Date;
}

export type OperationalEvent =
  | (AboutEndpoint & {
      type: "endpoint.failing";
      consecutiveFailures: number;
      failingSince: Date;
      lastOutcome: OutcomeClass;
    })
  | (AboutEndpoint & { type: "endpoint.recovered"; failedSince: Date })
  | (AboutEndpoint & { type: "endpoint.disabled"; reason: EndpointStatusReason })
  | (AboutEndpoint & { type: "endpoint.enabled" })
  | {
      type: "delivery.exhausted";
      applicationId: string;
      endpointId: string;
      eventId: string;
      eventType: string;
      deliveryId: string;
      attemptCount: number;
      lastOutcome: OutcomeClass;
      lastStatusCode: number | null;
      at: Date;
    };

export type OperationalEventType = OperationalEvent["type"];

/** The same event told twice has the same key: the publisher's `eventId`. */
export function operationalKeyOf(event: OperationalEvent): string {
  return event.type === "delivery.exhausted"
    ? `${event.type}/${event.deliveryId}/${event.attemptCount}`
    : `${event.type}/${event.endpointId}/${event.revision}/${event.at.getTime()}`;
}
