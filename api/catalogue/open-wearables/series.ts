/**
 * The timeseries of Open Wearables: what is measured, in which unit, and the group event that carries it. Releases before
 * 0.8 call `active_energy` just `energy`; both names are known here.
 */

export interface SeriesType {
  slug: string;
  /** As in the samples of its events. */
  unit: string;
  /** The event type that carries this series together with related ones. */
  groupEvent: string;
  /** What is measured, in words. */
  words: string;
  /** Values that a person could have, and the minutes from one to the next. */
  values: readonly [number, number, number];
  everyMinutes: number;
}

export interface SeriesGroup {
  event: string;
  /** What its series are about. */
  words: string;
  members: readonly SeriesType[];
}

/** Unit, words, three values, and the minutes between them if these are not five. */
type Row = readonly [unit: string, words: string, values: readonly [number, number, number], everyMinutes?: number];

const HOUR = 60;
const DAY = 24 * HOUR;

const TABLE: Record<string, { words: string; rows: Record<string, Row> }> = {
  "heart_rate.created": {
    words: "heart rate",
    rows: {
      heart_rate: ["bpm", "heart rate", [62, 64, 61]],
      resting_heart_rate: ["bpm", "resting heart rate", [52, 51, 53], DAY],
      heart_rate_recovery_one_minute: ["bpm", "drop of heart rate one minute after exercise", [28, 31, 30], DAY],
      walking_heart_rate_average: ["bpm", "average heart rate while walking", [98, 101, 96], DAY],
      atrial_fibrillation_burden: ["count", "share of time in atrial fibrillation", [2, 1, 2], 7 * DAY],
    },
  },
  "heart_rate_variability.created": {
    words: "heart rate variability",
    rows: {
      heart_rate_variability_sdnn: ["ms", "heart rate variability as SDNN", [48.2, 51.7, 46.9], 2 * HOUR],
      heart_rate_variability_rmssd: ["ms", "heart rate variability as RMSSD", [41.5, 44, 39.8]],
    },
  },
  "steps.created": { words: "steps", rows: { steps: ["count", "steps", [412, 380, 96], 15] } },
  "calories.created": {
    words: "energy burned",
    rows: {
      active_energy: ["kcal", "energy burned by activity", [18.4, 22.1, 9.6], 15],
      energy: ["kcal", "energy burned by activity, by its name before release 0.8", [18.4, 22.1, 9.6], 15],
      basal_energy: ["kcal", "energy burned at rest", [17.8, 17.8, 17.9], 15],
      total_energy: ["kcal", "energy burned in all", [36.2, 39.9, 27.5], 15],
    },
  },
  "spo2.created": {
    words: "oxygen in the blood",
    rows: {
      oxygen_saturation: ["percent", "oxygen saturation", [97, 98, 96], HOUR],
      peripheral_perfusion_index: ["score", "peripheral perfusion index", [3.1, 2.8, 3.4], HOUR],
    },
  },
  "respiratory_rate.created": {
    words: "breathing",
    rows: {
      respiratory_rate: ["brpm", "breaths per minute", [14.5, 14, 15], 15],
      sleeping_breathing_disturbances: ["count", "breathing disturbances during sleep", [3, 5, 2], DAY],
      breathing_disturbance_index: ["score", "breathing disturbance index", [1.8, 2.4, 1.6], DAY],
      forced_vital_capacity: ["liters", "forced vital capacity", [4.6, 4.7, 4.6], DAY],
      forced_expiratory_volume_1: ["liters", "air breathed out in the first second", [3.7, 3.8, 3.7], DAY],
      peak_expiratory_flow_rate: ["L/min", "peak expiratory flow", [520, 535, 528], DAY],
    },
  },
  "body_temperature.created": {
    words: "temperature of body and skin",
    rows: {
      body_temperature: ["celsius", "body temperature", [36.6, 36.7, 36.5], 8 * HOUR],
      skin_temperature: ["celsius", "skin temperature", [33.9, 34.1, 34]],
      skin_temperature_deviation: ["celsius", "difference of skin temperature from usual", [-0.1, 0.2, 0], DAY],
      skin_temperature_trend_deviation: ["celsius", "trend of the skin temperature's difference", [0, 0.1, 0.1], DAY],
      garmin_skin_temperature: ["celsius", "skin temperature by Garmin", [34.2, 34.4, 34.1], 15],
    },
  },
  "stress.created": {
    words: "stress",
    rows: {
      garmin_stress_level: ["score", "stress level by Garmin, 0 to 100", [28, 31, 35], 3],
      electrodermal_activity: ["count", "electrodermal activity", [2, 3, 2], HOUR],
    },
  },
  "blood_glucose.created": {
    words: "glucose and other substances in the blood",
    rows: {
      blood_glucose: ["mg_dl", "blood glucose", [98, 104, 111]],
      blood_alcohol_content: ["mg_dl", "alcohol in the blood", [0, 20, 10], HOUR],
      insulin_delivery: ["count", "insulin delivered", [4, 2, 6], 4 * HOUR],
    },
  },
  "blood_pressure.created": {
    words: "blood pressure",
    rows: {
      blood_pressure_systolic: ["mmHg", "systolic blood pressure", [118, 121, 117], 12 * HOUR],
      blood_pressure_diastolic: ["mmHg", "diastolic blood pressure", [76, 78, 75], 12 * HOUR],
    },
  },
  "body_composition.created": {
    words: "size and composition of the body",
    rows: {
      height: ["cm", "height", [178, 178, 178], 30 * DAY],
      weight: ["kg", "weight", [72.4, 72.1, 72.3], DAY],
      body_fat_percentage: ["percent", "share of body fat", [18.2, 18.1, 18.1], DAY],
      body_mass_index: ["kg_m2", "body mass index", [22.9, 22.8, 22.8], DAY],
      lean_body_mass: ["kg", "lean body mass", [59.2, 59, 59.2], DAY],
      body_fat_mass: ["kg", "mass of body fat", [13.2, 13.1, 13.1], DAY],
      skeletal_muscle_mass: ["kg", "mass of skeletal muscles", [33.6, 33.5, 33.6], DAY],
      waist_circumference: ["cm", "waist circumference", [84, 83.5, 83.5], 7 * DAY],
    },
  },
  "fitness_metrics.created": {
    words: "fitness",
    rows: {
      vo2_max: ["ml_kg_min", "maximal oxygen uptake", [47.2, 47.4, 47.3], 7 * DAY],
      six_minute_walk_test_distance: ["meters", "distance of the six minute walk test", [588, 592, 590], 7 * DAY],
      cardiovascular_age: ["years", "cardiovascular age", [34, 34, 33], 7 * DAY],
      garmin_fitness_age: ["years", "fitness age by Garmin", [31, 31, 30], 7 * DAY],
    },
  },
  "recovery_score.created": {
    words: "recovery",
    rows: { garmin_body_battery: ["percent", "body battery by Garmin", [81, 79, 78], 15] },
  },
  "activity_timeseries.created": {
    words: "everyday activity",
    rows: {
      stand_time: ["minutes", "time on one's feet", [3, 5, 2]],
      exercise_time: ["minutes", "time of exercise", [1, 5, 5]],
      physical_effort: ["score", "physical effort", [1.4, 3.8, 2.6]],
      flights_climbed: ["count", "flights of stairs climbed", [1, 3, 2], 15],
      average_met: ["met", "average metabolic equivalent", [1.2, 3.4, 2.1]],
      active_time: ["minutes", "active time", [4, 12, 9], 15],
      push_count: ["count", "pushes of a wheelchair", [44, 61, 38]],
      number_of_times_fallen: ["count", "falls", [0, 1, 0], DAY],
      number_of_alcoholic_beverages: ["count", "alcoholic beverages", [0, 1, 2], DAY],
      nike_fuel: ["count", "NikeFuel points", [120, 95, 140], HOUR],
      hydration: ["mL", "water drunk", [250, 330, 200], 3 * HOUR],
      distance_walking_running: ["meters", "distance walked or run", [318.5, 294.2, 71], 15],
      distance_cycling: ["meters", "distance cycled", [1820.4, 2014.7, 1766]],
      distance_swimming: ["meters", "distance swum", [150, 175, 175]],
      distance_downhill_snow_sports: ["meters", "distance downhill on snow", [940, 1210, 1085], 15],
      distance_other: ["meters", "distance of other kinds", [410, 385, 402], 15],
    },
  },
  "workout_metrics.created": {
    words: "measurements of workouts and of the way one moves",
    rows: {
      cadence: ["rpm", "cadence", [86, 88, 87], 1],
      power: ["watts", "power", [214, 226, 219], 1],
      speed: ["m_per_s", "speed", [8.4, 8.9, 8.6], 1],
      workout_effort_score: ["score", "effort of a workout, as rated", [6, 7, 5], DAY],
      estimated_workout_effort_score: ["score", "effort of a workout, as estimated", [5.5, 6.8, 5.1], DAY],
      walking_step_length: ["cm", "length of a step when walking", [71, 73, 72], 15],
      walking_speed: ["m_per_s", "walking speed", [1.34, 1.41, 1.38], 15],
      walking_double_support_percentage: ["percent", "time with both feet on the ground", [27.4, 26.9, 27.1], 15],
      walking_asymmetry_percentage: ["percent", "asymmetry of walking", [2.1, 1.8, 2.4], 15],
      walking_steadiness: ["percent", "steadiness of walking", [92, 93, 92], 7 * DAY],
      stair_descent_speed: ["m_per_s", "speed down stairs", [0.48, 0.51, 0.49], HOUR],
      stair_ascent_speed: ["m_per_s", "speed up stairs", [0.39, 0.42, 0.4], HOUR],
      running_power: ["watts", "running power", [268, 274, 271], 1],
      running_speed: ["m_per_s", "running speed", [2.83, 2.91, 2.88], 1],
      running_vertical_oscillation: ["cm", "vertical oscillation when running", [8.6, 8.8, 8.7], 1],
      running_ground_contact_time: ["ms", "contact with the ground when running", [246, 241, 244], 1],
      running_stride_length: ["cm", "length of a stride when running", [108, 112, 110], 1],
      swimming_stroke_count: ["count", "swimming strokes", [18, 19, 18], 1],
      underwater_depth: ["meters", "depth under water", [6.2, 8.9, 7.4], 1],
    },
  },
  "environmental.created": {
    words: "surroundings",
    rows: {
      environmental_audio_exposure: ["dB", "loudness around", [62.4, 71.8, 58.9], 30],
      headphone_audio_exposure: ["dB", "loudness of headphones", [68.1, 70.4, 69.2], 30],
      environmental_sound_reduction: ["dB", "reduction of loudness by headphones", [12.5, 14.1, 13.2], 30],
      time_in_daylight: ["minutes", "time in daylight", [5, 5, 3]],
      water_temperature: ["celsius", "temperature of the water", [18.4, 17.9, 17.6], 1],
      uv_exposure: ["count", "UV index", [3, 5, 4], HOUR],
      inhaler_usage: ["count", "uses of an inhaler", [1, 2, 1], 8 * HOUR],
      weather_temperature: ["celsius", "temperature of the air", [11.2, 12.6, 13.1], HOUR],
      weather_humidity: ["percent", "humidity of the air", [64, 61, 58], HOUR],
    },
  },
};

export const SERIES_GROUPS: readonly SeriesGroup[] = Object.entries(TABLE).map(([event, group]) => ({
  event,
  words: group.words,
  members: Object.entries(group.rows).map(([slug, [unit, words, values, everyMinutes = 5]]) => ({
    slug,
    unit,
    groupEvent: event,
    words,
    values,
    everyMinutes,
  })),
}));

/** Every series that has events, in the order of the groups. */
export const SERIES_TYPES: readonly SeriesType[] = SERIES_GROUPS.flatMap((it) => it.members);

/** Series that are stored but announced by no event. */
export const EVENTLESS_SERIES: ReadonlySet<string> = new Set([
  "running_vertical_ratio",
  "running_stance_time_balance",
  "elevation",
  "latitude",
  "longitude",
  "air_temperature",
]);

const BY_SLUG: ReadonlyMap<string, SeriesType> = new Map(SERIES_TYPES.map((it) => [it.slug, it]));

/** `null`: no event carries such a series. */
export function seriesType(slug: string): SeriesType | null {
  return BY_SLUG.get(slug) ?? null;
}

/** The event type that carries this one series. */
export function granularEvent(slug: string): string {
  return `series.${slug}.created`;
}
