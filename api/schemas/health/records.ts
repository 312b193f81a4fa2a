/** Records about a user's body: the fields are those of the events' `data`, in the same order. */
import { z } from "zod";
import { jsonObject } from "../../json-object.js";
import { applicationField, timeField } from "../fields.js";
import {
  amount,
  count,
  deviceField,
  idField,
  measure,
  orNull,
  periodFields,
  revisionField,
  shortText,
  sourceField,
  userIdField,
  zoneOffset,
} from "./fields.js";

const INTERVALS_MAX = 2_000;
const SNAPSHOTS_MAX = 100;
const NUTRIENTS_MAX = 200;

const call = { application: applicationField, revision: revisionField };
const owner = { id: idField.describe("Your id of the record; a key of its own."), user_id: userIdField };

/** Named amounts, each of them known or not. */
function measures<Name extends string>(...names: readonly Name[]) {
  // `Object.fromEntries` forgets the names.
  const shape = Object.fromEntries(names.map((name) => [name, orNull(measure)])) as Record<
    Name,
    ReturnType<typeof orNull<typeof measure>>
  >;
  return orNull(z.strictObject(shape));
}

export const workoutInput = z.strictObject({
  ...call,
  ...owner,
  type: orNull(shortText).describe("Such as `running`."),
  ...periodFields,
  duration_seconds: orNull(measure),
  source: sourceField,
  calories_kcal: orNull(measure),
  distance_meters: orNull(measure),
  avg_heart_rate_bpm: orNull(measure),
  max_heart_rate_bpm: orNull(measure),
  avg_pace_sec_per_km: orNull(measure),
  elevation_gain_meters: orNull(measure),
});

const stageInterval = z.strictObject({ stage: shortText.min(1), start_time: timeField, end_time: timeField });

export const sleepInput = z.strictObject({
  ...call,
  ...owner,
  ...periodFields,
  duration_seconds: orNull(measure),
  source: z.strictObject({
    provider: sourceField.shape.provider,
    source: orNull(shortText),
    device: orNull(deviceField),
    device_type: orNull(shortText),
    device_name: orNull(shortText),
  }),
  efficiency_percent: orNull(measure.max(100)),
  stages: measures("awake_minutes", "light_minutes", "deep_minutes", "rem_minutes"),
  is_nap: orNull(z.boolean()),
  sleep_duration_seconds: orNull(measure),
  sleep_stage_intervals: orNull(z.array(stageInterval).max(INTERVALS_MAX)),
});

export const cycleInput = z.strictObject({
  ...call,
  ...owner,
  ...periodFields,
  source: sourceField,
  current_phase_type: orNull(shortText).describe("Such as `fertile`."),
  day_in_cycle: orNull(count),
  cycle_length: orNull(count).describe("In days."),
  is_predicted_cycle: orNull(z.boolean()),
  pregnancy_snapshot: orNull(z.array(jsonObject).max(SNAPSHOTS_MAX)),
});

const nutrient = z.strictObject({ value: amount, unit: shortText.min(1) });

export const mealInput = z.strictObject({
  ...call,
  ...owner,
  title: orNull(shortText),
  meal_type: orNull(shortText).describe("Such as `breakfast`."),
  ...periodFields,
  source: sourceField,
  calories_kcal: orNull(measure),
  macros: measures("protein_g", "carbohydrates_g", "fat_g", "fiber_g"),
  water_ml: orNull(measure),
  nutrients: z
    .record(z.string().min(1).max(128), nutrient)
    .refine((map) => Object.keys(map).length <= NUTRIENTS_MAX, `at most ${NUTRIENTS_MAX} nutrients`)
    .nullable()
    .default({})
    .describe("By name; empty if absent or `null`."),
});

export const dailySummaryInput = z.strictObject({
  ...call,
  ...owner,
  date: z.iso.date().describe("The local day, `YYYY-MM-DD`."),
  zone_offset: orNull(zoneOffset),
  source: sourceField,
  steps: orNull(count),
  distance_meters: orNull(measure),
  floors_climbed: orNull(count),
  elevation_gain_meters: orNull(measure),
  active_calories_kcal: orNull(measure),
  total_calories_kcal: orNull(measure),
  active_minutes: orNull(measure),
  intensity: measures("sedentary_minutes", "light_minutes", "moderate_minutes", "vigorous_minutes"),
  resting_heart_rate_bpm: orNull(measure),
  avg_heart_rate_bpm: orNull(measure),
  max_heart_rate_bpm: orNull(measure),
});
