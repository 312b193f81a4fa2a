import { z } from "zod";
import { reference, timeAnswer } from "./fields.js";
import { pageFields, windowFields } from "./paging.js";

export const auditListInput = z.strictObject({
  application: reference
    .describe("Application, by id or uid. An admin key that names none sees the whole list, others see their own's.")
    .optional(),
  action: z.string().min(1).max(64).describe("A procedure such as `endpoints.update`.").optional(),
  key: z.string().min(1).max(64).describe("Id of a key, or `admin-key`, `open-access`, `command-line`.").optional(),
  ...windowFields,
  ...pageFields,
});

const changes = z.record(z.string(), z.unknown()).nullable();

export const auditAnswer = z
  .object({
    id: z.string(),
    applicationId: z.string().nullable().describe("`null`: it concerns no single application."),
    at: timeAnswer,
    keyId: z.string().describe("The key that asked, or `admin-key`, `open-access`, `command-line`."),
    requestId: z.string().describe("As in the answer and the log; empty for the command line."),
    action: z.string().describe("The procedure, such as `endpoints.update`."),
    targetIds: z.array(z.string()),
    before: changes.describe("The fields that changed, as they were. Long values are shortened to a text."),
    after: changes.describe("The same fields as they are; `null` if the thing is gone or nothing is shown of it."),
    error: z.string().nullable().describe("The error code that was answered although something may have changed."),
  })
  .meta({ id: "AuditEntry" });

export type AuditAnswer = z.infer<typeof auditAnswer>;
