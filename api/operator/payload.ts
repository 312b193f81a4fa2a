/** What an operational event looks like on the wire: `type`, `timestamp` and `data`, as Standard Webhooks advises. */
import type { JsonObject } from "../../core/json.js";
import type { OperationalEvent } from "../../core/operational-events.js";
import { isoTime } from "../answers/time.js";

/** Whom the event is about, in words that its receiver knows; `null` where there is none, or it is gone. */
export interface Subject {
  applicationUid: string | null;
  endpointUid: string | null;
  /** As it is stored: what may be a credential is left out here. */
  url: string | null;
}

export function operationalPayload(event: OperationalEvent, subject: Subject): JsonObject {
  const { type, applicationId, endpointId, at } = event;
  const { applicationUid, endpointUid } = subject;
  const about = { applicationId, applicationUid, endpointId, endpointUid, url: placeOf(subject.url) };
  return { type, timestamp: isoTime(at), data: { ...about, ...detailsOf(event) } };
}

function detailsOf(event: OperationalEvent): JsonObject {
  switch (event.type) {
    case "endpoint.failing": {
      const { consecutiveFailures, failingSince, lastOutcome } = event;
      return { consecutiveFailures, failingSince: isoTime(failingSince), lastOutcome };
    }
    case "endpoint.recovered":
      return { failedSince: isoTime(event.failedSince) };
    case "endpoint.disabled":
      return { reason: event.reason };
    case "endpoint.enabled":
      return {};
    case "delivery.exhausted": {
      const { deliveryId, eventId, eventType, attemptCount, lastOutcome, lastStatusCode } = event;
      return { deliveryId, eventId, eventType, attemptCount, lastOutcome, lastStatusCode };
    }
  }
}

/** Scheme, host and path: receivers take tokens in queries, and passwords stand before hosts. */
function placeOf(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
