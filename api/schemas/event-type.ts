import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { jsonObject } from "../json-object.js";
import { applicationField, eventTypeName, queryBoolean, timeAnswer } from "./fields.js";
import { pageFields } from "./paging.js";

/** A schema or an example is no place for megabytes. */
const DOCUMENT_BYTES_MAX = 64 * 1024;

const document = jsonObject.refine(
  (value) => Buffer.byteLength(JSON.stringify(value)) <= DOCUMENT_BYTES_MAX,
  `at most ${DOCUMENT_BYTES_MAX} bytes as JSON`,
);

const details = {
  description: z.string().max(LIMITS.descriptionCharsMax).optional(),
  schema: document.nullable().describe("JSON Schema of the payload; for readers, payloads are not checked.").optional(),
  example: document.nullable().describe("Payload of test events of this type.").optional(),
  group: z.string().min(1).max(LIMITS.nameCharsMax).nullable().optional(),
};

export const eventTypeCreateInput = z.strictObject({ application: applicationField, name: eventTypeName, ...details });

export const eventTypeReferenceInput = z.strictObject({ application: applicationField, name: eventTypeName });

/** Absent fields keep their value; `null` empties a field. */
export const eventTypeUpdateInput = z.strictObject({
  application: applicationField,
  name: eventTypeName,
  ...details,
  archived: z.boolean().optional(),
});

export const eventTypeListInput = z.strictObject({
  application: applicationField,
  includeArchived: queryBoolean.describe("Archived ones too; `false` if absent.").optional(),
  ...pageFields,
});

export const eventTypeAnswer = z
  .object({
    name: z.string(),
    description: z.string(),
    schema: z.record(z.string(), z.unknown()).nullable(),
    example: z.record(z.string(), z.unknown()).nullable(),
    group: z.string().nullable(),
    archived: z.boolean(),
    createdAt: timeAnswer,
    updatedAt: timeAnswer,
  })
  .meta({ id: "EventType" });

export type EventTypeAnswer = z.infer<typeof eventTypeAnswer>;
