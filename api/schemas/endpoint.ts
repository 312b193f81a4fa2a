import { z } from "zod";
import { ID_PREFIX } from "../../core/ids.js";
import { LIMITS } from "../../core/limits.js";
import { DEFAULT_RETRY_POLICY } from "../../core/retry.js";
import type { RetryPolicy } from "../../core/retry.js";
import { textMap } from "../json-object.js";
import { endpointHealthAnswer } from "./endpoint-health.js";
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
import { signaturesAnswer, signaturesField } from "./signatures.js";

const retrySteps = z.strictObject({
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
});

/** Nothing is tried again by itself; `resend` and Metriport's retry route do it by hand. */
const MANUAL: RetryPolicy = { scheduleSeconds: [], jitter: DEFAULT_RETRY_POLICY.jitter };

const retryPolicy = z
  .preprocess<unknown, typeof retrySteps, "manual" | z.input<typeof retrySteps>>(
    (value: unknown) => (value === "manual" ? MANUAL : value),
    retrySteps,
  )
  .describe(
    "5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h with 20 % jitter if absent. `manual`: one attempt, the rest by hand.",
  );

const rateLimit = z
  .strictObject({
    perSecond: z
      .number()
      .min(LIMITS.rateLimitPerSecondMin)
      .max(LIMITS.rateLimitPerSecondMax)
      .describe("Requests a second, retries included."),
    burst: z
      .int()
      .min(1)
      .max(LIMITS.rateLimitBurstMax)
      .describe("Requests that may go at once; `perSecond` rounded up if absent.")
      .optional(),
  })
  .nullable()
  .describe("Requests that go beyond it wait for their turn; `null`, the default: no limit.");

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
    .enum(["standard", "svix", "metriport"])
    .describe(
      "What receivers get: `webhook-*` headers (standard, default), `svix-*` headers, or `metriport`: `x-webhook-key`, `x-metriport-signature` and `meta` in the body. Nothing can become or stop being `metriport` later.",
    )
    .optional(),
  signatures: signaturesField.optional(),
  pairedEvents: z
    .enum(["both", "group", "granular"])
    .describe("Health samples come as two events with the same content: take both (default), or one of each pair.")
    .optional(),
  skipPong: z.boolean().describe("Profile `metriport`: any 2xx answers a ping; `false` if absent.").optional(),
  retryPolicy: retryPolicy.optional(),
  rateLimit: rateLimit.optional(),
  clientErrors: z
    .enum(["retry", "fail"])
    .describe(
      "What a 4xx means: `retry` on the schedule (default: it is very often a bad deploy), or `fail`: the delivery ends at once, unless it is 408, 425 or 429.",
    )
    .optional(),
  timeoutMs: z
    .int()
    .min(LIMITS.timeoutMsMin)
    .max(LIMITS.timeoutMsMax)
    .describe(
      `For the whole request; ${LIMITS.timeoutMsDefault} if absent, ${LIMITS.metriportTimeoutMs} with the profile \`metriport\`.`,
    )
    .optional(),
};

const id = reference.describe("Id or uid.");

export const endpointCreateInput = z.strictObject({
  application: applicationField,
  url,
  uid: uid.optional(),
  ...settings,
  secret: secret
    .describe("Import of an existing `whsec_…`, or key of the profile `metriport`; one is made if absent.")
    .optional(),
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
  key: secret
    .describe("Import of an existing `whsec_…`, or key of the profile `metriport`; one is made if absent.")
    .optional(),
  gracePeriodSeconds: z
    .int()
    .min(0)
    .max(LIMITS.secretGraceSecondsMax)
    .describe(
      `How long the old secret goes on signing; ${LIMITS.secretGraceSecondsDefault} if absent. Not with the profile \`metriport\`, which has room for one key.`,
    )
    .optional(),
});

export const endpointTestInput = z.strictObject({
  application: applicationField,
  id,
  eventType: eventTypeName.optional(),
});

export const secretAnswer = z.object({
  key: z.string().describe("`whsec_` and base64; with the profile `metriport` the key as it is sent."),
});

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
    profile: z.enum(["standard", "svix", "metriport"]),
    signatures: signaturesAnswer,
    pairedEvents: z.enum(["both", "group", "granular"]),
    skipPong: z.boolean(),
    retryPolicy: z.object({ scheduleSeconds: z.array(z.number()), jitter: z.number() }),
    rateLimit: z.object({ perSecond: z.number(), burst: z.number() }).nullable(),
    clientErrors: z.enum(["retry", "fail"]),
    timeoutMs: z.number(),
    status: z.enum(["active", "paused", "disabled"]),
    statusReason: z
      .enum(["manual", "gone", "failing", "cleared"])
      .nullable()
      .describe(
        "`gone`: the receiver answered 410; `failing`: nothing has succeeded for 5 days; `cleared`: Metriport's settings have no URL.",
      ),
    receiver: z
      .object({ healthy: z.boolean(), detail: z.string() })
      .nullable()
      .describe("Profile `metriport`: what the last message or ping came to; `null` until there was one."),
    health: endpointHealthAnswer,
    createdAt: timeAnswer,
    updatedAt: timeAnswer,
  })
  .meta({ id: "Endpoint" });

export type EndpointAnswer = z.infer<typeof endpointAnswer>;
export type EndpointCreate = z.output<typeof endpointCreateInput>;
