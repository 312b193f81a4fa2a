/** Events about whole records: workouts, nights, cycles, meals and days. */
import type { CatalogueEntry } from "../entry.js";
import { at, USER_ID, WATCH, ZONE_OFFSET } from "./examples.js";
import {
  amount,
  count,
  date,
  flag,
  id,
  list,
  nullable,
  number,
  object,
  source,
  text,
  time,
  zoneOffset,
} from "./fields.js";
import { recordEntry } from "./record-entry.js";

const owner = { id, user_id: id };
const span = { start_time: time, end_time: time, zone_offset: zoneOffset };
const unknownAmount = nullable(amount);
const unknownCount = nullable(count);
/** Named minutes or grams, each of them unknown or not. */
const amounts = (...names: string[]) =>
  nullable(object(Object.fromEntries(names.map((name) => [name, unknownAmount]))));

const spanExample = (minutes: number) => ({ start_time: at(0), end_time: at(minutes), zone_offset: ZONE_OFFSET });

const WORKOUT = recordEntry("workout.created", "A workout was recorded.", {
  schema: object({
    ...owner,
    type: nullable(text),
    ...span,
    duration_seconds: unknownAmount,
    source,
    calories_kcal: unknownAmount,
    distance_meters: unknownAmount,
    avg_heart_rate_bpm: unknownAmount,
    max_heart_rate_bpm: unknownAmount,
    avg_pace_sec_per_km: unknownAmount,
    elevation_gain_meters: unknownAmount,
  }),
  example: {
    id: "7d2c9b4e-1a6f-4e35-b8d0-93f4a7c5e210",
    user_id: USER_ID,
    type: "running",
    ...spanExample(60),
    duration_seconds: 3600,
    source: WATCH,
    calories_kcal: 640,
    distance_meters: 10_200,
    avg_heart_rate_bpm: 152,
    max_heart_rate_bpm: 176,
    avg_pace_sec_per_km: 353,
    elevation_gain_meters: 95,
  },
});

const stageInterval = object({ stage: text, start_time: time, end_time: time });

const SLEEP = recordEntry("sleep.created", "A night or a nap was recorded, or was put together from several parts.", {
  schema: object(
    {
      ...owner,
      ...span,
      duration_seconds: unknownAmount,
      source,
      efficiency_percent: nullable({ ...amount, maximum: 100 }),
      stages: amounts("awake_minutes", "light_minutes", "deep_minutes", "rem_minutes"),
      is_nap: nullable(flag),
    },
    { sleep_duration_seconds: unknownAmount, sleep_stage_intervals: nullable(list(stageInterval)) },
  ),
  example: {
    id: "e81f5a3d-6b27-4c90-a4e8-0d95b2c7f614",
    user_id: USER_ID,
    start_time: at(-480),
    end_time: at(0),
    zone_offset: ZONE_OFFSET,
    duration_seconds: 28_800,
    sleep_duration_seconds: 26_100,
    source: WATCH,
    efficiency_percent: 90.6,
    stages: { awake_minutes: 45, light_minutes: 240, deep_minutes: 90, rem_minutes: 105 },
    sleep_stage_intervals: [
      { stage: "light", start_time: at(-480), end_time: at(-450) },
      { stage: "deep", start_time: at(-450), end_time: at(-405) },
      { stage: "rem", start_time: at(-405), end_time: at(-380) },
    ],
    is_nap: false,
  },
});

const MENSTRUAL_CYCLE = recordEntry("menstrual_cycle.created", "A menstrual cycle was recorded.", {
  schema: object({
    ...owner,
    ...span,
    source,
    current_phase_type: nullable(text),
    day_in_cycle: unknownCount,
    cycle_length: unknownCount,
    is_predicted_cycle: nullable(flag),
    pregnancy_snapshot: nullable(list(object({}))),
  }),
  example: {
    id: "b05d8e72-94c1-4a3f-8f6b-5c2e10d7a938",
    user_id: USER_ID,
    ...spanExample(28 * 24 * 60),
    source: WATCH,
    current_phase_type: "fertile",
    day_in_cycle: 12,
    cycle_length: 28,
    is_predicted_cycle: false,
    pregnancy_snapshot: null,
  },
});

const nutrients = { ...object({}), additionalProperties: object({ value: number, unit: text }) };

const MEAL = recordEntry("meal.created", "A meal was recorded (Open Wearables from release 0.8).", {
  schema: object({
    ...owner,
    title: nullable(text),
    meal_type: nullable(text),
    ...span,
    source,
    calories_kcal: unknownAmount,
    macros: amounts("protein_g", "carbohydrates_g", "fat_g", "fiber_g"),
    water_ml: unknownAmount,
    nutrients,
  }),
  example: {
    id: "49a6c3f1-d8e5-4b72-9c0d-7e13f5b8a264",
    user_id: USER_ID,
    title: "Oatmeal with berries",
    meal_type: "breakfast",
    ...spanExample(20),
    source: { provider: "apple", device: null },
    calories_kcal: 420,
    macros: { protein_g: 14, carbohydrates_g: 68, fat_g: 9.5, fiber_g: 9 },
    water_ml: 250,
    nutrients: { iron: { value: 4.2, unit: "mg" }, vitamin_c: { value: 18, unit: "mg" } },
  },
});

/** Open Wearables announces it and no release has it yet; its fields are named as those of the other records. */
const DAILY_SUMMARY = recordEntry("activity.daily_summary.created", "The activity of one local day, summed up.", {
  schema: object({
    ...owner,
    date,
    zone_offset: zoneOffset,
    source,
    steps: unknownCount,
    distance_meters: unknownAmount,
    floors_climbed: unknownCount,
    elevation_gain_meters: unknownAmount,
    active_calories_kcal: unknownAmount,
    total_calories_kcal: unknownAmount,
    active_minutes: unknownAmount,
    intensity: amounts("sedentary_minutes", "light_minutes", "moderate_minutes", "vigorous_minutes"),
    resting_heart_rate_bpm: unknownAmount,
    avg_heart_rate_bpm: unknownAmount,
    max_heart_rate_bpm: unknownAmount,
  }),
  example: {
    id: "0c7e4d95-3fa8-4861-b2d9-a6f01c5e8b37",
    user_id: USER_ID,
    date: "2026-03-13",
    zone_offset: ZONE_OFFSET,
    source: WATCH,
    steps: 11_482,
    distance_meters: 8_640,
    floors_climbed: 12,
    elevation_gain_meters: 96,
    active_calories_kcal: 612,
    total_calories_kcal: 2_318,
    active_minutes: 143,
    intensity: { sedentary_minutes: 817, light_minutes: 96, moderate_minutes: 29, vigorous_minutes: 18 },
    resting_heart_rate_bpm: 52,
    avg_heart_rate_bpm: 71,
    max_heart_rate_bpm: 176,
  },
});

export const RECORD_EVENTS: readonly CatalogueEntry[] = [WORKOUT, SLEEP, MENSTRUAL_CYCLE, MEAL, DAILY_SUMMARY];
