import { z } from "zod";
import { ID_PREFIX } from "../../core/ids.js";
import { LIMITS } from "../../core/limits.js";
import { DEFAULT_RETRY_POLICY } from "../../core/retry.js";
import { textMap } from "../json-object.js";
import {
  applicationField,
  channelName,
  eventTypeName,
  eventTypePattern,
  metadataAnswer,
  metadataField,
  reference,
  timeAnswer,
  uidField,
  uniqueList,
} from "./fields.js";
import { pageFields } from "./paging.js";

const retryPolicy = z
  .strictObject({
    scheduleSeconds: z
      .array(z.number().min(1).max(LIMITS.retryStepSecondsMax))
      .max(LIMITS.retryStepsMax)
      .refine(
        (steps) => steps.reduce((sum, step) => sum + step, 0) <= LIMITS.retryTotalSecondsMax,
        `must not wait for more than ${LIMITS.retryTotalSecondsMax} seconds in all`,
      )
      .describe("Wait before each retry, in seconds; empty: one attempt only."),
    jitter: z
      .number()
      .min(0)
      .max(0.5)
      .default(DEFAULT_RETRY_POLICY.jitter)
      .describe("Share by which a wait may vary in both directions."),
  })
  .describe("5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h with 20 % jitter if absent.");

const headers = textMap(128, LIMITS.headerValueBytesMax)
  .refine((map) => Object.keys(map).length <= LIMITS.customHeadersMax, `at most ${LIMITS.customHeadersMax} headers`)
  .describe("Headers sent with every request. Values of sensitive ones are masked in answers.");

const secret = z.string().min(1).max(256);
const uid = uidField(ID_PREFIX.endpoint);
const url = z
  .string()
  .min(1)
  .max(LIMITS.urlCharsMax)
  .describe("Where events are posted: http or https, no private address unless the operator allows it.");

const settings = {
  description: z.string().max(LIMITS.descriptionCharsMax).optional(),
  eventTypes: uniqueList(eventTypePattern, LIMITS.eventTypesPerEndpointMax)
    .describe("Exact names or a prefix with a final `.*`; none: all.")
    .optional(),
  channels: uniqueList(channelName, LIMITS.channelsPerEndpointMax)
    .describe("None: events with and without channels; some: only events that share one.")
    .optional(),
  headers: headers.optional(),
  metadata: metadataField.optional(),
  profile: z
    .enum(["standard", "svix"])
    .describe("Header family: `webhook-*` (standard, default) or `svix-*`.")
    .optional(),
  retryPolicy: retryPolicy.optional(),
  timeoutMs: z
    .int()
    .min(LIMITS.timeoutMsMin)
    .max(LIMITS.timeoutMsMax)
    .describe(`For the whole request; ${LIMITS.timeoutMsDefault} if absent.`)
    .optional(),
};

const id = reference.describe("Id or uid.");

export const endpointCreateInput = z.strictObject({
  application: applicationField,
  url,
  uid: uid.optional(),
  ...settings,
  secret: secret.describe("Import of an existing `whsec_…`; one is made if absent.").optional(),
});

/** Absent fields keep their value; `uid: null` removes it. Lists and maps are replaced as a whole. */
export const endpointUpdateInput = z.strictObject({
  application: applicationField,
  id,
  url: url.optional(),
  uid: uid.nullable().optional(),
  ...settings,
});

export const endpointReferenceInput = z.strictObject({ application: applicationField, id });

export const endpointListInput = z.strictObject({ application: applicationField, ...pageFields });

export const secretRotateInput = z.strictObject({
  application: applicationField,
  id,
  key: secret.describe("Import of an existing `whsec_…`; one is made if absent.").optional(),
  gracePeriodSeconds: z
    .int()
    .min(0)
    .max(LIMITS.secretGraceSecondsMax)
    .describe(`How long the old secret goes on signing; ${LIMITS.secretGraceSecondsDefault} if absent.`)
    .optional(),
});

export const endpointTestInput = z.strictObject({
  application: applicationField,
  id,
  eventType: eventTypeName.optional(),
});

export const secretAnswer = z.object({ key: z.string().describe("`whsec_` and base64.") });

export const endpointAnswer = z
  .object({
    id: z.string(),
    uid: z.string().nullable(),
    url: z.string(),
    description: z.string(),
    eventTypes: z.array(z.string()),
    channels: z.array(z.string()),
    headers: z.record(z.string(), z.string()),
    metadata: metadataAnswer,
    profile: z.enum(["standard", "svix"]),
    retryPolicy: z.object({ scheduleSeconds: z.array(z.number()), jitter: z.number() }),
    timeoutMs: z.number(),
    status: z.enum(["active", "paused", "disabled"]),
    statusReason: z.enum(["manual", "gone"]).nullable().describe("`gone`: the receiver answered 410."),
    createdAt: timeAnswer,
    updatedAt: timeAnswer,
  })
  .meta({ id: "Endpoint" });

export type EndpointAnswer = z.infer<typeof endpointAnswer>;
export type EndpointCreate = z.output<typeof endpointCreateInput>;
