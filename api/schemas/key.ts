import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { SCOPES } from "../../core/scopes.js";
import { applicationField, reference, timeAnswer, timeField, uniqueList } from "./fields.js";
import { pageFields } from "./paging.js";

/** Requests a second that a limit may allow. */
export const RATE_MIN = 0.01;
export const RATE_MAX = 10_000;

const scope = z.enum(SCOPES);

export const keyCreateInput = z.strictObject({
  application: applicationField,
  admin: z.boolean().describe("A key for all applications; only admin keys make them.").optional(),
  name: z.string().trim().max(LIMITS.nameCharsMax).describe("What the key is for.").optional(),
  scopes: uniqueList(scope, SCOPES.length)
    .min(1)
    .describe("What it may do. Absent: what the key that asks may do, which is everything if it has no scopes.")
    .optional(),
  expiresAt: timeField
    .describe("When it ends, in the future. Absent: when the key that asks ends, which may be never.")
    .optional(),
  rateLimitPerSecond: z
    .number()
    .min(RATE_MIN)
    .max(RATE_MAX)
    .describe("Requests a second in each process, twice as many at once. Absent: the limit of the key that asks.")
    .optional(),
});

export type KeyCreate = z.output<typeof keyCreateInput>;

export const keyReferenceInput = z.strictObject({ id: reference.describe("The key's id, which is part of its text.") });

export const keyListInput = z.strictObject({
  application: reference
    .describe("Application, by id or uid. An admin key that names none sees all keys, others see their own's.")
    .optional(),
  ...pageFields,
});

const fields = {
  id: z.string(),
  name: z.string(),
  admin: z.boolean(),
  applicationId: z.string().nullable().describe("`null`: an admin key."),
  scopes: z.array(scope).nullable().describe("`null`: everything."),
  rateLimitPerSecond: z.number().nullable().describe("`null`: no limit."),
  last4: z.string().describe("The last four characters of its text."),
  createdAt: timeAnswer,
  expiresAt: timeAnswer.nullable(),
  revokedAt: timeAnswer.nullable(),
  lastUsedAt: timeAnswer.nullable().describe("To the minute."),
};

export const keyAnswer = z.object(fields).meta({ id: "Key" });
export const newKeyAnswer = z
  .object({ ...fields, key: z.string().describe("The key's text. It is answered this once.") })
  .meta({ id: "NewKey" });

export type KeyAnswer = z.infer<typeof keyAnswer>;
