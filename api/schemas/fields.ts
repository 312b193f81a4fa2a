/** Fields that several inputs share. Every text and list has an upper bound. */
import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { textMap } from "../json-object.js";

/** Id or uid in a path, a query or a body. */
export const reference = z.string().min(1).max(256);

/** Which application a call is about: id or uid. Admin keys default to `default`, others to their own. */
export const applicationField = reference
  .describe("Application, by id or uid. The key decides; an admin key names one here, else `default`.")
  .optional();

/** The caller's own name for a thing; must not look like an id of ours. */
export function uidField(idPrefix: string) {
  return z
    .string()
    .regex(/^[a-zA-Z0-9_.-]+$/, "may contain letters, digits, `_`, `.` and `-`")
    .max(LIMITS.uidCharsMax)
    .refine((uid) => !uid.startsWith(idPrefix), `must not begin with ${idPrefix}`)
    .describe("Your own name for it, unique, usable wherever an id is.");
}

export const eventTypeName = z
  .string()
  .regex(/^[a-zA-Z0-9_.-]+$/, "may contain letters, digits, `_`, `.` and `-`")
  .max(LIMITS.eventTypeCharsMax)
  .describe("Name of the event type, such as `workout.created`.");

export const eventTypePattern = z
  .string()
  .regex(/^[a-zA-Z0-9_.-]+(?:\.\*)?$/, "must be an exact name or a prefix with a final `.*`")
  .max(LIMITS.eventTypeCharsMax);

export const channelName = z
  .string()
  .regex(/^[a-zA-Z0-9_.-]+$/, "may contain letters, digits, `_`, `.` and `-`")
  .max(LIMITS.channelCharsMax);

/** A list without repetitions. */
export function uniqueList<Item extends z.ZodType<string>>(item: Item, max: number) {
  return z
    .array(item)
    .max(max)
    .refine((list) => new Set(list).size === list.length, "must not name anything twice");
}

/** Texts by key: at most 50 keys, 4096 bytes as JSON. */
export const metadataField = textMap(128, LIMITS.metadataBytesMax)
  .refine((map) => Object.keys(map).length <= LIMITS.metadataKeysMax, `at most ${LIMITS.metadataKeysMax} keys`)
  .refine(
    (map) => Buffer.byteLength(JSON.stringify(map)) <= LIMITS.metadataBytesMax,
    `at most ${LIMITS.metadataBytesMax} bytes as JSON`,
  )
  .describe("Texts of your own by key.");

export const metadataAnswer = z.record(z.string(), z.string());

/** A time as ISO 8601 with offset, such as `2026-11-22T15:00:00Z`. */
export const timeField = z.iso.datetime({ offset: true }).max(40);

/** A time in an answer: ISO 8601, UTC, milliseconds. */
export const timeAnswer = z.string().meta({ format: "date-time" });

/** A whole number that REST sends as text. */
export function queryInteger(min: number, max: number) {
  return z.preprocess<unknown, z.ZodNumber, number>(
    (value: unknown) => (typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    z.number().int().min(min).max(max),
  );
}

/** A boolean that REST sends as `true` or `false`. */
export const queryBoolean = z.preprocess<unknown, z.ZodBoolean, boolean>((value: unknown) => {
  if (value === "true") return true;
  return value === "false" ? false : value;
}, z.boolean());

/**
 * Filters by endpoint and event. Each goes by the name of the thing and by the name that it has in the rows, so that what
 * a row says can be asked for as it stands.
 */
export const subjectFields = {
  endpoint: reference.describe("Id or uid of an endpoint.").optional(),
  endpointId: reference.describe("The same as `endpoint`; give one of the two.").optional(),
  event: reference.describe("Id or `eventId` of an event.").optional(),
  eventId: reference.describe("The same as `event`; give one of the two.").optional(),
};
