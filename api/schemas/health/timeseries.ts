/** Samples of one series of one user. */
import { z } from "zod";
import { LIMITS } from "../../../core/limits.js";
import { applicationField, timeField } from "../fields.js";
import { amount, deviceField, providerField, revisionField, userIdField, zoneOffset } from "./fields.js";

/** Name of {@link sampleInput} in the OpenAPI document. */
export const SAMPLE = "HealthSample";

/** One sample. Checked one by one by the procedure, so that a hundred thousand do not keep others waiting. */
export const sampleInput = z.strictObject({
  timestamp: timeField,
  value: amount,
  zone_offset: zoneOffset.nullish(),
  source: z.strictObject({ provider: providerField.nullish(), device: deviceField.nullish() }).nullish(),
  is_daily_total: z.boolean().nullish(),
});

export type SampleInput = z.input<typeof sampleInput>;
export type Sample = z.output<typeof sampleInput>;

const samples = z
  .custom<SampleInput[]>(Array.isArray, "must be a list of samples")
  .meta({ override: { type: "array", maxItems: LIMITS.samplesMax, items: { $ref: `#/components/schemas/${SAMPLE}` } } })
  .refine((list) => list.length <= LIMITS.samplesMax, `at most ${LIMITS.samplesMax} samples`)
  .describe("In any order; sent sorted by time.");

export const timeseriesInput = z.strictObject({
  application: applicationField,
  user_id: userIdField,
  provider: providerField.describe("If absent: the first `source.provider` of the samples, else `unknown`.").nullish(),
  series_type: z.string().min(1).max(128).describe("Such as `heart_rate`; the unit follows from it."),
  samples,
  revision: revisionField,
});

export const timeseriesAnswer = z
  .object({
    events: z.array(
      z.object({
        id: z.string(),
        eventId: z.string(),
        eventType: z.string(),
        duplicate: z.boolean().describe("The same event was accepted before; this is the first one's id."),
      }),
    ),
    sampleCount: z.number(),
    skipped: z.boolean().describe("The series is known but announced by no event."),
  })
  .meta({ id: "TimeseriesAccepted" });

export type TimeseriesInput = z.output<typeof timeseriesInput>;
export type TimeseriesAnswer = z.infer<typeof timeseriesAnswer>;
