/** Inputs and answers for the profile `metriport`: its settings routes, its messages and its pings. */
import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { jsonObject, textMap } from "../json-object.js";
import { applicationField, eventTypeName, reference, timeAnswer } from "./fields.js";

const FILTERS_BYTES_MAX = 64 * 1024;
const DATA_PAIRS_MAX = 50;
const DATA_KEY_CHARS_MAX = 40;
const DATA_VALUE_CHARS_MAX = 500;

/** Empty clears; whether a URL may be called is for the service to say. */
const webhookUrl = z
  .string()
  .max(LIMITS.urlCharsMax)
  .refine((text) => text === "" || URL.canParse(text), "Invalid url");

const mrFilters = z
  .array(z.unknown())
  // What follows cannot cope with just any depth.
  .refine((list) => jsonObject.safeParse({ list }).success, { message: "must be plain JSON", abort: true })
  .refine(
    (list) => Buffer.byteLength(JSON.stringify(list)) <= FILTERS_BYTES_MAX,
    `at most ${FILTERS_BYTES_MAX} bytes as JSON`,
  );

/** Body of `POST /settings`. Absent fields keep their value, `""` and `null` clear the URL. */
export const settingsInput = z.strictObject({
  webhookUrl: webhookUrl.nullable().optional(),
  mrFilters: mrFilters.nullable().optional(),
});

export type SettingsInput = z.output<typeof settingsInput>;

/** Body of `POST /settings/webhook/sample-payload`: any message that says its type. */
export const sampleInput = jsonObject.pipe(z.looseObject({ meta: z.looseObject({ type: z.string().min(1) }) }));

export type SampleInput = z.output<typeof sampleInput>;

const payload = jsonObject
  .refine((value) => !Object.hasOwn(value, "meta"), {
    message: "must not be in the payload: the envelope is made here",
    path: ["meta"],
  })
  .describe("What stands beside `meta` in the message, such as `{ patients: [...] }`.");

export const messagePublishInput = z.strictObject({
  application: applicationField,
  type: eventTypeName.describe("Type of the message, such as `medical.consolidated-data`."),
  payload,
  data: textMap(DATA_KEY_CHARS_MAX, DATA_VALUE_CHARS_MAX)
    .refine((map) => Object.keys(map).length <= DATA_PAIRS_MAX, `at most ${DATA_PAIRS_MAX} keys`)
    .describe(
      `Your customer's own texts, \`meta.data\`: at most ${DATA_PAIRS_MAX}, keys of ${DATA_KEY_CHARS_MAX} and values of ${DATA_VALUE_CHARS_MAX} characters.`,
    )
    .optional(),
  requestId: z.string().min(1).max(256).describe("What caused the message, `meta.requestId`.").optional(),
  messageId: z
    .guid()
    .describe("Your idempotency key, `meta.messageId`: the same one with the same content is accepted once.")
    .optional(),
});

export type MessagePublish = z.output<typeof messagePublishInput>;

/** An accepted message: it is on disk. */
export const messagePublishAnswer = z
  .object({
    id: z.string().describe("Id of the event (`msg_…`)."),
    messageId: z.string().describe("What receivers see as `meta.messageId`, on every attempt."),
    eventType: z.string(),
    duplicate: z.boolean().describe("The same message was accepted before; this is the first one's id."),
    createdAt: timeAnswer.describe("What receivers see as `meta.when`."),
  })
  .meta({ id: "PublishedMessage" });

export type MessagePublishAnswer = z.infer<typeof messagePublishAnswer>;

export const pingInput = z.strictObject({ application: applicationField, id: reference.describe("Id or uid.") });

/** What the ping came to. */
export const pingAnswer = z
  .object({
    healthy: z.boolean(),
    detail: z.string().describe("`OK`, or what went wrong."),
  })
  .meta({ id: "PingResult" });
