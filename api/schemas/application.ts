import { z } from "zod";
import { ID_PREFIX } from "../../core/ids.js";
import { LIMITS } from "../../core/limits.js";
import { metadataAnswer, metadataField, reference, timeAnswer, uidField } from "./fields.js";
import { pageFields } from "./paging.js";

const name = z.string().trim().min(1).max(LIMITS.nameCharsMax).describe("For people.");
const uid = uidField(ID_PREFIX.application);

export const applicationCreateInput = z.strictObject({
  name,
  uid: uid.optional(),
  metadata: metadataField.optional(),
});

export const applicationReferenceInput = z.strictObject({ id: reference.describe("Id or uid.") });

/** Absent fields keep their value; `uid: null` removes it. */
export const applicationUpdateInput = z.strictObject({
  id: reference.describe("Id or uid."),
  name: name.optional(),
  uid: uid.nullable().optional(),
  metadata: metadataField.optional(),
});

export const applicationListInput = z.strictObject(pageFields);

export const applicationAnswer = z
  .object({
    id: z.string(),
    uid: z.string().nullable(),
    name: z.string(),
    metadata: metadataAnswer,
    createdAt: timeAnswer,
    updatedAt: timeAnswer,
  })
  .meta({ id: "Application" });

export type ApplicationAnswer = z.infer<typeof applicationAnswer>;
