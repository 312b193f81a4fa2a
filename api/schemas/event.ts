import { z } from "zod";
import { ID_PREFIX } from "../../core/ids.js";
import { LIMITS } from "../../core/limits.js";
import { deliveryStatus } from "./delivery.js";
import { applicationField, channelName, eventTypeName, metadataAnswer, reference, timeAnswer } from "./fields.js";
import { pageFields, windowFields } from "./paging.js";

export const eventReferenceInput = z.strictObject({
  application: applicationField,
  id: reference.describe("Id or `eventId`."),
});

export const eventListInput = z.strictObject({
  application: applicationField,
  eventType: eventTypeName.optional(),
  channel: channelName.optional(),
  text: z
    .string()
    .min(1)
    .max(LIMITS.eventIdCharsMax)
    .describe(`Part of an id (\`${ID_PREFIX.event}…\`) or \`eventId\`.`)
    .optional(),
  ...windowFields,
  ...pageFields,
});

const summary = {
  id: z.string(),
  eventId: z.string().nullable().describe("Your idempotency key."),
  eventType: z.string(),
  channels: z.array(z.string()),
  metadata: metadataAnswer,
  contentType: z.string(),
  endpointIds: z.array(z.string()).nullable(),
  pairRole: z
    .enum(["group", "granular"])
    .nullable()
    .describe("Two events tell the same: this is the group's or the member's."),
  test: z.boolean(),
  deliverAt: timeAnswer.nullable(),
  state: z
    .enum(["accepted", "scheduled", "dispatched", "cancelled"])
    .describe("`accepted`: on disk; `scheduled`: waits for `deliverAt`; `dispatched`: every receiver has a delivery."),
  createdAt: timeAnswer,
};

export const eventSummaryAnswer = z.object({ ...summary, payloadBytes: z.number() }).meta({ id: "EventSummary" });

const count = z.number();

const deliveryCounts = z.object({
  pending: count,
  retrying: count,
  held: count,
  delivered: count,
  failed: count,
  cancelled: count,
});

/** Exactly one of `payload` and `payloadBase64` is not `null`. */
export const eventAnswer = z
  .object({
    ...summary,
    payload: z.record(z.string(), z.unknown()).nullable(),
    payloadBase64: z.string().nullable(),
    deliveries: deliveryCounts.describe("How many deliveries are in each state."),
  })
  .meta({ id: "Event" });

/** Why an endpoint gets the event or not. */
export const explainAnswer = z
  .object({
    eventId: z.string(),
    endpoints: z.array(
      z.object({
        endpointId: z.string(),
        url: z.string().nullable().describe("Without the query; `null`: the endpoint was deleted since."),
        matched: z.boolean(),
        reason: z.enum([
          "matched",
          "forced",
          "not_named",
          "disabled",
          "event_type",
          "channel",
          "paired",
          "later",
          "deleted",
        ]),
        explanation: z.string(),
        deliveryId: z.string().nullable(),
        deliveryStatus: deliveryStatus.nullable(),
      }),
    ),
  })
  .meta({ id: "Explanation" });

export type EventSummaryAnswer = z.infer<typeof eventSummaryAnswer>;
export type EventAnswer = z.infer<typeof eventAnswer>;
export type ExplainAnswer = z.infer<typeof explainAnswer>;
