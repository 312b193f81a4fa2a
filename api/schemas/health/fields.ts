/** Fields that several health inputs share. What is not known may be left out or `null`, and is sent as `null`. */
import { z } from "zod";
import { USER_ID_CHARS_MAX } from "../../user-channel.js";
import { timeField } from "../fields.js";

const NAME = /^[a-zA-Z0-9_.-]+$/;
const NAME_RULE = "may contain letters, digits, `_`, `.` and `-`";

const name = (charsMax: number) => z.string().regex(NAME, NAME_RULE).max(charsMax);

export const userIdField = name(USER_ID_CHARS_MAX).describe(
  "Your id of the user; the event gets the channel `user.<user_id>`.",
);

/** Id of a record, a connection or a run of a sync. */
export const idField = name(128);

export const revisionField = name(64)
  .describe("Say something new here to send a correction: other content is refused otherwise.")
  .optional();

export const providerField = z.string().min(1).max(64).describe("Such as `garmin`.");

export const deviceField = z.string().min(1).max(256).describe("Such as `Forerunner 255`.");

/** A value that may be unknown. */
export function orNull<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullable().default(null);
}

export const zoneOffset = z.string().regex(/^[+-](?:0\d|1[0-4]):[0-5]\d$/, "must look like `+01:00`");

/** Beyond 2^53-1 a JSON number is not the same for everybody who reads it. */
export const amount = z.number().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);

export const count = z.int().min(0);

export const measure = amount.min(0);

export const shortText = z.string().max(256);

/** Where a record comes from. */
export const sourceField = z.strictObject({ provider: providerField, device: orNull(deviceField) });

export const periodFields = {
  start_time: timeField,
  end_time: timeField,
  zone_offset: orNull(zoneOffset),
};
