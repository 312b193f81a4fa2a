import { z } from "zod";
import { applicationField, reference, subjectFields, timeAnswer } from "./fields.js";
import { pageFields, windowFields } from "./paging.js";

export const attemptReferenceInput = z.strictObject({ application: applicationField, id: reference });

export const attemptListInput = z.strictObject({
  application: applicationField,
  ...subjectFields,
  delivery: reference.describe("Id of a delivery.").optional(),
  outcome: z
    .string()
    .regex(/^[a-z0-9_]+(?:\.[a-z0-9_]+)?(?:\.\*)?$/, "must be a class such as `http.500`, or a prefix and `.*`")
    .max(64)
    .describe("A class such as `ok`, `http.500` or `timeout.headers`, or a prefix such as `timeout.*`.")
    .optional(),
  ...windowFields,
  ...pageFields,
});

export const attemptAnswer = z
  .object({
    id: z.string(),
    deliveryId: z.string(),
    eventId: z.string().describe("Id of the event (`msg_…`)."),
    endpointId: z.string(),
    eventType: z.string(),
    number: z.number().describe("1 for the first of its delivery."),
    trigger: z.enum(["scheduled", "manual", "test"]),
    url: z.string().describe("Where it was posted, without the query."),
    startedAt: timeAnswer,
    durationMs: z.number(),
    statusCode: z.number().nullable(),
    outcome: z.string().describe("A class such as `ok`, `http.500`, `timeout.headers`."),
    error: z.string().nullable().describe("What went wrong, in words; `null` for `ok`."),
    remedy: z.string().nullable().describe("What the owner of the endpoint can do about it; `null` for `ok`."),
    responseBody: z.string().nullable().describe("At most 16 KiB of the answer."),
    responseTruncated: z.boolean(),
  })
  .meta({ id: "Attempt" });

export type AttemptAnswer = z.infer<typeof attemptAnswer>;
