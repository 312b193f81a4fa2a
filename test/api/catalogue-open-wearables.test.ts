import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { z } from "zod";
import { OPEN_WEARABLES_EVENT_TYPES, openWearablesEventType } from "../../api/catalogue/open-wearables/event-types.js";
import {
  EVENTLESS_SERIES,
  granularEvent,
  SERIES_GROUPS,
  SERIES_TYPES,
  seriesType,
} from "../../api/catalogue/open-wearables/series.js";

const names = OPEN_WEARABLES_EVENT_TYPES.map((it) => it.name);
/** What release 0.6 does not have. */
const ADDED_IN_0_8 = ["meal.created", "series.active_energy.created", "series.total_energy.created"];
const OURS = ["activity.daily_summary.created"];

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats.default(ajv);

function problemsOf(name: string, payload: unknown): string[] {
  const schema = openWearablesEventType(name)?.schema;
  if (schema === undefined || schema === null) throw new Error(`no schema of ${name}`);
  ajv.validate(schema, payload);
  return (ajv.errors ?? []).map((it) => `${it.instancePath} ${it.message ?? ""}`);
}

const samplesPayload = z.object({
  type: z.string(),
  data: z.looseObject({
    series_type: z.string(),
    sample_count: z.number(),
    samples: z.array(z.looseObject({ type: z.string(), unit: z.string(), value: z.number() })),
  }),
});
function samplesOf(name: string) {
  return samplesPayload.parse(structuredClone(openWearablesEventType(name)?.example));
}

test("there are the 111 types of release 0.6, three of 0.8 and the daily summary", () => {
  expect(new Set(names).size).toBe(names.length);
  for (const name of [...ADDED_IN_0_8, ...OURS]) expect(names).toContain(name);
  const original = names.filter((it) => ![...ADDED_IN_0_8, ...OURS].includes(it));
  expect(original).toHaveLength(111);
  expect(original.filter((it) => it.startsWith("series."))).toHaveLength(87);
  const groups = OPEN_WEARABLES_EVENT_TYPES.filter((it) => it.childEvents !== null);
  expect(groups).toHaveLength(16);
  expect(SERIES_GROUPS.map((it) => it.event)).toEqual(groups.map((it) => it.name));
});

test("groups and their granular events name each other", () => {
  for (const { name, group, childEvents } of OPEN_WEARABLES_EVENT_TYPES) {
    for (const child of childEvents ?? []) expect(openWearablesEventType(child)?.group).toBe(name);
    if (group !== null) expect(openWearablesEventType(group)?.childEvents).toContain(name);
    expect(group !== null).toBe(name.startsWith("series."));
  }
});

test("a series is found by its slug, and one without events is not", () => {
  expect(seriesType("heart_rate")).toMatchObject({ unit: "bpm", groupEvent: "heart_rate.created" });
  for (const { slug } of SERIES_TYPES) expect(names).toContain(granularEvent(slug));
  expect(EVENTLESS_SERIES.size).toBe(6);
  for (const slug of EVENTLESS_SERIES) expect([slug, seriesType(slug)]).toEqual([slug, null]);
  expect(seriesType("toString")).toBeNull();
});

test("examples of timeseries have three samples of one series in its unit", () => {
  for (const { name, group, childEvents } of OPEN_WEARABLES_EVENT_TYPES) {
    if (group === null && childEvents === null) continue;
    const { data } = samplesOf(name);
    expect(data.samples).toHaveLength(data.sample_count);
    expect(data.sample_count).toBe(3);
    const series = seriesType(data.series_type);
    expect(childEvents ?? [name]).toContain(granularEvent(data.series_type));
    for (const sample of data.samples) expect(sample).toMatchObject({ type: series?.slug, unit: series?.unit });
  }
});

test("a payload without one of its fields is refused, whichever it is", () => {
  for (const { name, example } of OPEN_WEARABLES_EVENT_TYPES) {
    expect(Object.keys(example)).toEqual(["type", "data"]);
    const data = z.record(z.string(), z.unknown()).parse(example.data);
    const optional = ["sleep_duration_seconds", "sleep_stage_intervals"];
    for (const field of Object.keys(data).filter((it) => !optional.includes(it))) {
      const rest = Object.fromEntries(Object.entries(data).filter(([key]) => key !== field));
      expect(problemsOf(name, { type: name, data: rest })).toContain(`/data must have required property '${field}'`);
    }
    expect(problemsOf(name, { ...example, type: "other.created" })).toEqual(["/type must be equal to constant"]);
  }
});

test("a sample in another unit or of another series is refused, by the granular event and by its group's", () => {
  for (const name of ["series.blood_glucose.created", "blood_glucose.created"]) {
    const wrongUnit = samplesOf(name);
    for (const sample of wrongUnit.data.samples) sample.unit = "mmol_l";
    expect(problemsOf(name, wrongUnit)).toContain("/data/samples/0/unit must be equal to constant");
    const wrongSeries = samplesOf(name);
    for (const sample of wrongSeries.data.samples) sample.type = "insulin_delivery";
    expect(problemsOf(name, wrongSeries)).toContain("/data/samples/0/type must be equal to constant");
    const foreign = samplesOf(name);
    foreign.data.series_type = "steps";
    expect(problemsOf(name, foreign)).toContain("/data/series_type must be equal to one of the allowed values");
  }
});

test("a part of a batch says which part it is and of how many", () => {
  const name = "heart_rate.created";
  const { type, data } = samplesOf(name);
  expect(problemsOf(name, { type, data: { ...data, chunk_index: 1, total_chunks: 2 } })).toEqual([]);
  expect(problemsOf(name, { type, data: { ...data, chunk_index: 1 } })).not.toEqual([]);
  expect(problemsOf(name, { type, data: { ...data, total_chunks: 2 } })).not.toEqual([]);
});

test("unknown numbers may be null, times must be times, and new fields are no mistake", () => {
  const name = "workout.created";
  const data = z.record(z.string(), z.unknown()).parse(openWearablesEventType(name)?.example.data);
  const unknown = { ...data, distance_meters: null, type: null, zone_offset: null, novelty: { a: 1 } };
  expect(problemsOf(name, { type: name, data: unknown })).toEqual([]);
  expect(problemsOf(name, { type: name, data: { ...data, start_time: "yesterday" } })).toEqual([
    '/data/start_time must match format "date-time"',
  ]);
  expect(problemsOf(name, { type: name, data: { ...data, user_id: null } })).not.toEqual([]);
});
