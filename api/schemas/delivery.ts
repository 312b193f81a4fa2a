import { z } from "zod";
import { attemptAnswer } from "./attempt.js";
import { applicationField, eventTypeName, reference, subjectFields, timeAnswer } from "./fields.js";
import { pageFields, windowFields } from "./paging.js";

export const deliveryStatus = z.enum(["pending", "retrying", "delivered", "failed", "cancelled", "held"]);

export const deliveryReferenceInput = z.strictObject({ application: applicationField, id: reference });

/** `5xx` and `5` mean the same, `none` and `0` mean that no answer came. */
const httpClass = z.preprocess<unknown, z.ZodNumber, number>(
  (value: unknown) => {
    if (typeof value !== "string") return value;
    if (value === "none") return 0;
    return /^\d(?:xx)?$/.test(value) ? Number(value.charAt(0)) : value;
  },
  z
    .number()
    .int()
    .min(0)
    .max(5)
    .refine((digit) => digit !== 1, "must be 2, 3, 4, 5, or 0 for no answer"),
);

export const deliveryListInput = z.strictObject({
  application: applicationField,
  status: deliveryStatus.optional(),
  ...subjectFields,
  eventType: eventTypeName.optional(),
  httpClass: httpClass
    .describe("First digit of the last status code, 2 to 5 (`5xx` works too); 0 or `none`: no answer.")
    .optional(),
  ...windowFields,
  ...pageFields,
});

const fields = {
  id: z.string(),
  eventId: z.string().describe("Id of the event (`msg_…`)."),
  endpointId: z.string(),
  eventType: z.string(),
  status: deliveryStatus,
  attemptCount: z.number(),
  nextAttemptAt: timeAnswer.nullable(),
  lastAttemptAt: timeAnswer.nullable(),
  lastOutcome: z.string().nullable(),
  lastStatusCode: z.number().nullable(),
  reason: z.string().nullable().describe("Why it is failed, cancelled or held."),
  test: z.boolean(),
  workflowUrl: z.string().nullable().describe("Its workflow in the Temporal Web UI."),
  createdAt: timeAnswer,
  updatedAt: timeAnswer,
};

export const deliveryAnswer = z.object(fields).meta({ id: "Delivery" });

/** Oldest attempt first, the newest 250 of them. */
export const deliveryDetailAnswer = z
  .object({ ...fields, attempts: z.array(attemptAnswer) })
  .meta({ id: "DeliveryWithAttempts" });

export type DeliveryAnswer = z.infer<typeof deliveryAnswer>;
export type DeliveryDetailAnswer = z.infer<typeof deliveryDetailAnswer>;
