/** What publishers send. */
import { z } from "zod";
import { ERRORS } from "../../core/errors.js";
import type { ErrorCode } from "../../core/errors.js";
import { ID_PREFIX } from "../../core/ids.js";
import { LIMITS } from "../../core/limits.js";
import { jsonObject } from "../json-object.js";
import {
  applicationField,
  channelName,
  eventTypeName,
  metadataField,
  timeAnswer,
  timeField,
  uniqueList,
} from "./fields.js";

const BASE64_CHARS_MAX = Math.ceil(LIMITS.bodyBytesCeiling / 3) * 4;

const eventFields = {
  eventType: eventTypeName,
  payload: jsonObject.describe("A JSON object, sent as `application/json`. Either this or `payloadBase64`.").optional(),
  payloadBase64: z
    .string()
    .min(1)
    .max(BASE64_CHARS_MAX)
    // Not z.base64(): its grouped pattern runs out of stack on megabytes.
    .refine((text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text), "must be base64 with padding")
    .describe("Raw bytes, sent as they are with `contentType`. JSON among them has the bounds of `payload`.")
    .optional(),
  contentType: z
    .string()
    .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;\s*[\w-]+=(?:[\w.+-]+|"[\w .+-]*"))*$/, "must be a media type")
    .max(256)
    .describe("Media type of `payloadBase64`.")
    .optional(),
  eventId: z
    .string()
    .regex(/^[\x21-\x7e]+$/, "may contain printable ASCII without spaces")
    .max(LIMITS.eventIdCharsMax)
    .refine((eventId) => !eventId.startsWith(ID_PREFIX.event), `must not begin with ${ID_PREFIX.event}`)
    .describe("Your idempotency key: the same one with the same content is accepted once.")
    .optional(),
  channels: uniqueList(channelName, LIMITS.channelsPerEventMax).optional(),
  metadata: metadataField.optional(),
  deliverAt: timeField.describe("When to deliver: in the future, at most 30 days ahead.").optional(),
  endpointIds: uniqueList(z.string().min(1).max(64), LIMITS.forcedEndpointsMax)
    .min(1)
    .describe("Only these endpoints (`ep_…`), whatever their filters say.")
    .optional(),
};

/** Name of {@link publishItem} in the OpenAPI document. */
export const PUBLISH_ITEM = "PublishItem";

/** One event of a batch. */
export const publishItem = z.strictObject(eventFields);

export const publishInput = z.strictObject({ application: applicationField, ...eventFields });

/** Items are checked one by one by the procedure, so that a malformed one does not refuse the others. */
export const publishBatchInput = z.strictObject({
  application: applicationField,
  events: z
    .array(
      z
        .custom<z.input<typeof publishItem>>(() => true)
        .meta({ override: { $ref: `#/components/schemas/${PUBLISH_ITEM}` } }),
    )
    .min(1)
    .max(LIMITS.batchEventsMax),
});

const published = {
  id: z.string(),
  eventId: z.string().nullable(),
  eventType: z.string(),
  duplicate: z.boolean().describe("The same event was accepted before; this is the first one's id."),
  createdAt: timeAnswer,
};

/** An accepted event: it is on disk. */
export const publishAnswer = z.object(published).meta({ id: "Published" });

const issue = z.object({ path: z.string(), message: z.string() });
const errorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

/** One result per event, in the order sent. */
export const publishBatchAnswer = z.object({
  results: z.array(
    z.discriminatedUnion("status", [
      z.object({ status: z.literal("accepted"), ...published }),
      z.object({ status: z.literal("error"), code: errorCode, message: z.string(), issues: z.array(issue) }),
    ]),
  ),
});

export type PublishItem = z.output<typeof publishItem>;
export type PublishInput = z.output<typeof publishInput>;
export type PublishBatchInput = z.output<typeof publishBatchInput>;
export type PublishAnswer = z.infer<typeof publishAnswer>;
export type PublishBatchAnswer = z.infer<typeof publishBatchAnswer>;
export type PublishBatchResult = PublishBatchAnswer["results"][number];
