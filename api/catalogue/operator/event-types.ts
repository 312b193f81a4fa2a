/** What Posthorn tells its operators, through the endpoints of the application `operator`. */
import type { JsonObject } from "../../../core/json.js";
import type { OperationalEventType } from "../../../core/operational-events.js";
import type { CatalogueEntry } from "../entry.js";
import { count, nullable, object, text, time } from "../open-wearables/fields.js";

const SUBJECT = {
  applicationId: text,
  applicationUid: nullable(text),
  endpointId: text,
  endpointUid: nullable(text),
  url: nullable(text),
};

const SUBJECT_EXAMPLE = {
  applicationId: "app_3GW8pmJdcxM1pUlFF5oCv2WGbQx",
  applicationUid: "acme",
  endpointId: "ep_3GW8r0OZsYGlTdKQmQ1i8sC4uNl",
  endpointUid: "crm",
  url: "https://hooks.acme.example/posthorn",
};

interface Details {
  schema: JsonObject;
  example: JsonObject;
}

function entry(name: OperationalEventType, description: string, details: Details): CatalogueEntry {
  return {
    name,
    description,
    group: null,
    schema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: name,
      ...object({ type: { const: name }, timestamp: time, data: object({ ...SUBJECT, ...details.schema }) }),
    },
    example: { type: name, timestamp: "2026-03-14T06:30:00.000Z", data: { ...SUBJECT_EXAMPLE, ...details.example } },
    childEvents: null,
  };
}

export const OPERATIONAL_EVENT_TYPES: readonly CatalogueEntry[] = [
  entry("endpoint.failing", "An endpoint has failed several times in a row. Its deliveries go on retrying.", {
    schema: { consecutiveFailures: count, failingSince: time, lastOutcome: text },
    example: { consecutiveFailures: 5, failingSince: "2026-03-14T06:12:41.207Z", lastOutcome: "http.503" },
  }),
  entry("endpoint.recovered", "An endpoint that was failing has taken a delivery.", {
    schema: { failedSince: time },
    example: { failedSince: "2026-03-14T06:12:41.207Z" },
  }),
  entry(
    "endpoint.disabled",
    "An endpoint gets nothing any more. The reason is `manual` (a caller did it), `gone` (it answered 410), `failing` (nothing has succeeded for days) or `cleared` (Metriport's settings have no URL).",
    { schema: { reason: text }, example: { reason: "manual" } },
  ),
  entry("endpoint.enabled", "A caller has enabled an endpoint again.", { schema: {}, example: {} }),
  entry("delivery.exhausted", "A delivery has failed for good: its schedule has no further attempt.", {
    schema: {
      deliveryId: text,
      eventId: text,
      eventType: text,
      attemptCount: count,
      lastOutcome: text,
      lastStatusCode: nullable(count),
    },
    example: {
      deliveryId: "dlv_3GSn9wQy2Kf0QvQJ4n1m7aXTz5B_3GW8r0OZsYGlTdKQmQ1i8sC4uNl",
      eventId: "msg_3GSn9wQy2Kf0QvQJ4n1m7aXTz5B",
      eventType: "workout.created",
      attemptCount: 8,
      lastOutcome: "http.503",
      lastStatusCode: 503,
    },
  }),
];
