/** How requests to an endpoint are signed, and the public keys of those that are signed asymmetrically. */
import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { applicationField, reference, timeAnswer, uniqueList } from "./fields.js";

const scheme = z.enum(["v1", "v1a"]);

/** Which lists suit a profile is checked where the profile is known. */
export const signaturesField = uniqueList(scheme, scheme.options.length).describe(
  '`["v1"]` (default): HMAC with the endpoint\'s secret. `["v1", "v1a"]`: ed25519 beside it, with a key pair that is made here; `publicKey` shows its public half. Without `v1a` the pairs are dropped. Not with the profile `metriport`, which signs in a form of its own.',
);

export const signaturesAnswer = z
  .array(scheme)
  .describe("Schemes of Standard Webhooks that requests are signed with; none with the profile `metriport`.");

export const publicKeyRotateInput = z.strictObject({
  application: applicationField,
  id: reference.describe("Id or uid."),
  gracePeriodSeconds: z
    .int()
    .min(0)
    .max(LIMITS.secretGraceSecondsMax)
    .describe(`How long the old key goes on signing; ${LIMITS.secretGraceSecondsDefault} if absent.`)
    .optional(),
});

export const publicKeysAnswer = z.object({
  keys: z
    .array(
      z.object({
        key: z.string().describe("`whpk_` and base64 of 32 bytes."),
        createdAt: timeAnswer,
        expiresAt: timeAnswer.nullable().describe("When a rotated key stops signing; `null` for the current one."),
      }),
    )
    .describe("All that sign now, newest first."),
});

export type SignatureScheme = z.infer<typeof scheme>;
export type PublicKeysAnswer = z.infer<typeof publicKeysAnswer>;
