import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { OPEN_WEARABLES_EVENT_TYPES, openWearablesEventType } from "../../api/catalogue/open-wearables/event-types.js";
import { granularEvent, SERIES_TYPES } from "../../api/catalogue/open-wearables/series.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { at, samples, textOf } from "../support/health.js";
import { aText, textLike } from "../support/matchers.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  api.state.events.clear();
});
afterAll(() => api.close());

const USER = "3f1b6a52-7c0e-4d8a-9a57-2b64c1d0e9f3";
const ID = "7d2c9b4e-1a6f-4e35-b8d0-93f4a7c5e210";
const SOURCE = { provider: "garmin", device: null };
const OWNER = { id: ID, user_id: USER };
const PERIOD = { start_time: at(0), end_time: at(3_600), zone_offset: "+01:00" };
const RUN = { user_id: USER, provider: "garmin", source: "pull", run_id: "run-7" };
const CONNECTION = { user_id: USER, provider: "garmin", connection_id: ID };

interface Row {
  path: string;
  eventType: string;
  key: string;
  /** Only what is needed. */
  least: object;
  /** The `data` of the event that this makes, in its order. */
  data: object;
}

const rows: Row[] = [
  {
    path: "workouts",
    eventType: "workout.created",
    key: `workout.created.${ID}`,
    least: { ...OWNER, start_time: at(0), end_time: at(60), source: { provider: "garmin" } },
    data: {
      ...OWNER,
      type: null,
      start_time: at(0),
      end_time: at(60),
      zone_offset: null,
      duration_seconds: null,
      source: SOURCE,
      calories_kcal: null,
      distance_meters: null,
      avg_heart_rate_bpm: null,
      max_heart_rate_bpm: null,
      avg_pace_sec_per_km: null,
      elevation_gain_meters: null,
    },
  },
  {
    path: "sleep",
    eventType: "sleep.created",
    key: `sleep.created.${ID}`,
    least: { ...PERIOD, ...OWNER, source: { provider: "garmin" }, stages: { rem_minutes: 3 } },
    data: {
      ...OWNER,
      ...PERIOD,
      duration_seconds: null,
      source: { provider: "garmin", source: null, device: null, device_type: null, device_name: null },
      efficiency_percent: null,
      stages: { awake_minutes: null, light_minutes: null, deep_minutes: null, rem_minutes: 3 },
      is_nap: null,
      sleep_duration_seconds: null,
      sleep_stage_intervals: null,
    },
  },
  {
    path: "cycles",
    eventType: "menstrual_cycle.created",
    key: `menstrual_cycle.created.${ID}`,
    least: { ...PERIOD, ...OWNER, source: SOURCE, pregnancy_snapshot: [{ week: 3 }] },
    data: {
      ...OWNER,
      ...PERIOD,
      source: SOURCE,
      current_phase_type: null,
      day_in_cycle: null,
      cycle_length: null,
      is_predicted_cycle: null,
      pregnancy_snapshot: [{ week: 3 }],
    },
  },
  {
    path: "meals",
    eventType: "meal.created",
    key: `meal.created.${ID}`,
    least: { ...PERIOD, ...OWNER, source: SOURCE },
    data: {
      ...OWNER,
      title: null,
      meal_type: null,
      ...PERIOD,
      source: SOURCE,
      calories_kcal: null,
      macros: null,
      water_ml: null,
      nutrients: {},
    },
  },
  {
    path: "daily-summaries",
    eventType: "activity.daily_summary.created",
    key: `activity.daily_summary.created.${ID}`,
    least: { ...OWNER, date: "2026-11-22", source: SOURCE, steps: 11_482 },
    data: {
      ...OWNER,
      date: "2026-11-22",
      zone_offset: null,
      source: SOURCE,
      steps: 11_482,
      distance_meters: null,
      floors_climbed: null,
      elevation_gain_meters: null,
      active_calories_kcal: null,
      total_calories_kcal: null,
      active_minutes: null,
      intensity: null,
      resting_heart_rate_bpm: null,
      avg_heart_rate_bpm: null,
      max_heart_rate_bpm: null,
    },
  },
  {
    path: "connections",
    eventType: "connection.created",
    key: `connection.created.${USER}.garmin.2026-11-22T06_00_00.000Z`,
    least: { event: "created", ...CONNECTION, connected_at: "2026-11-22T07:00:00+01:00" },
    data: { ...CONNECTION, connected_at: "2026-11-22T07:00:00+01:00" },
  },
  {
    path: "connections",
    eventType: "connection.revoked",
    key: `connection.revoked.${USER}.garmin.2026-11-22T06_00_00.000Z`,
    least: { event: "revoked", revoked_at: at(0), reason: "sdk_sign_out", ...CONNECTION },
    data: { ...CONNECTION, reason: "sdk_sign_out", revoked_at: at(0) },
  },
  {
    path: "syncs",
    eventType: "sync.started",
    key: "sync.started.run-7",
    least: { event: "started", ...RUN },
    data: { ...RUN, message: null, metadata: {} },
  },
  {
    path: "syncs",
    eventType: "sync.completed",
    key: "sync.completed.run-7",
    least: { event: "completed", status: "partial", metadata: { page: 3 }, ...RUN },
    data: { ...RUN, message: null, metadata: { page: 3 }, status: "partial", items_processed: null },
  },
  {
    path: "syncs",
    eventType: "sync.failed",
    key: "sync.failed.run-7",
    least: { event: "failed", ...RUN },
    data: { ...RUN, message: null, metadata: {}, error: "unknown" },
  },
];

/** What the least of some event of the path leaves out. */
const FIELDS_THAT_MAY_BE_ABSENT: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  rows.map(({ path }) => {
    const ofPath = rows.filter((it) => it.path === path);
    const fields = new Set(ofPath.flatMap((it) => [...Object.keys(it.data), ...Object.keys(it.least)]));
    return [path, [...fields]];
  }),
);

const send = (path: string, body: object) => api.call("POST", `/v1/health/${path}`, { body });
const ajv = new Ajv2020({ strict: false, formats: { "date-time": true, date: true, uuid: true } });

/** What is wrong with a body by the schema of the catalogue; `null`: nothing. */
function problemsOf(eventType: string, body: string): unknown {
  const schema = openWearablesEventType(eventType)?.schema;
  if (schema === undefined || schema === null) throw new Error(`${eventType} has no schema`);
  const validate = ajv.compile(schema);
  return validate(JSON.parse(body)) ? null : validate.errors;
}

test.each(rows)("the least of a $eventType is sent with every field in its place", async (row) => {
  const answer = await send(row.path, row.least);
  expect(answer.status).toBe(202);
  expect(answer.body).toEqual({
    id: textLike(/^msg_/),
    eventId: row.key,
    eventType: row.eventType,
    duplicate: false,
    createdAt: aText,
  });
  const event = api.state.events.get(answer.textAt("id"));
  expect(textOf(event)).toBe(JSON.stringify({ type: row.eventType, data: row.data }));
  expect(event).toMatchObject({ channels: [`user.${USER}`], pairRole: null, contentType: "application/json" });
  expect(problemsOf(row.eventType, textOf(event))).toBeNull();
});

test.each(rows)("the fields that a $eventType does not need may be null", async (row) => {
  const nulls = Object.fromEntries(FIELDS_THAT_MAY_BE_ABSENT[row.path]?.map((field) => [field, null]) ?? []);
  const answer = await send(row.path, { ...nulls, ...row.least });
  expect(answer.status).toBe(202);
  expect(textOf(api.state.events.get(answer.textAt("id")))).toBe(
    JSON.stringify({ type: row.eventType, data: row.data }),
  );
});

test.each(rows)("a repeated $eventType is stored once, a changed one only under a revision", async (row) => {
  const first = await send(row.path, row.least);
  const again = await send(row.path, row.least);
  expect(again.body).toEqual({ ...Object(first.body), duplicate: true });
  const changed =
    row.path === "connections"
      ? { connection_id: "other" }
      : row.path === "syncs"
        ? { provider: "oura" }
        : { source: { provider: "oura" } };
  const refused = await send(row.path, { ...row.least, ...changed });
  expect([refused.status, refused.at("code"), refused.at("issues.0.path")]).toEqual([
    409,
    "event_conflict",
    "revision",
  ]);
  expect(refused.textAt("message")).toContain(first.textAt("id"));
  expect(api.state.events.size).toBe(1);
  const revised = await send(row.path, { ...row.least, ...changed, revision: "2026-11" });
  expect(revised.status).toBe(202);
  expect(revised.at("eventId")).toBe(`${row.key}.r2026-11`);
});

const RECORD_PATHS: Readonly<Record<string, string>> = Object.fromEntries(rows.map((it) => [it.eventType, it.path]));
const examples = OPEN_WEARABLES_EVENT_TYPES.filter((it) => it.name in RECORD_PATHS);

test.each(examples)("the catalogue's example of $name comes out as it went in", async ({ name, example }) => {
  const data = Object(example["data"]) as object; // an example is a whole payload
  const event = /^(?:connection|sync)\./.test(name) ? { event: name.split(".")[1] } : {};
  const answer = await send(RECORD_PATHS[name] ?? "", { ...data, ...event });
  expect(answer.status).toBe(202);
  const sent = textOf(api.state.events.get(answer.textAt("id")));
  expect(JSON.parse(sent)).toMatchObject(example);
  expect(problemsOf(name, sent)).toBeNull();
});

test("every record of the catalogue has a procedure", () => {
  const records = OPEN_WEARABLES_EVENT_TYPES.filter(
    (it) => it.group === null && it.childEvents === null && it.schema !== null,
  );
  expect(records.map((it) => it.name).sort()).toEqual(rows.map((it) => it.eventType).sort());
});

test("the events of every series match the catalogue's schemas, whole and in chunks", async () => {
  const small = await startApi({ bodyBytesMax: 2_000 });
  for (const { slug, groupEvent } of SERIES_TYPES) {
    for (const count of [1, 20]) {
      const list = samples(count, { is_daily_total: null, source: { device: "Fenix 7" } });
      const body = { user_id: USER, series_type: slug, samples: list };
      const answer = await small.call("POST", "/v1/health/timeseries", { body });
      expect([slug, answer.status]).toEqual([slug, 202]);
      expect([answer.at("events.0.eventType"), answer.at("events.1.eventType")]).toEqual([
        groupEvent,
        granularEvent(slug),
      ]);
    }
  }
  for (const event of small.state.events.values()) expect(problemsOf(event.eventType, textOf(event))).toBeNull();
  await small.close();
});

test("an application's key sends for its own application and for no other", async () => {
  const other = await api.call("POST", "/v1/applications", { body: { name: "Other", uid: "other" } });
  const key = api.keyFor(other.textAt("id"));
  const [row] = rows;
  const own = await api.call("POST", "/v1/health/workouts", { key, body: row?.least });
  expect(api.state.events.get(own.textAt("id"))?.applicationId).toBe(other.textAt("id"));
  for (const path of ["workouts", "timeseries"]) {
    const least = path === "workouts" ? row?.least : { user_id: "u", series_type: "steps", samples: samples(1) };
    const foreign = await api.call("POST", `/v1/health/${path}`, { key, body: { ...least, application: "default" } });
    expect(foreign.status).toBe(404);
  }
});
