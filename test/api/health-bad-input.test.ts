import { afterAll, beforeAll, expect, test } from "vitest";
import { LIMITS } from "../../core/limits.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { at, BATCH, samples } from "../support/health.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi({ bodyBytesMax: LIMITS.bodyBytesCeiling });
});
afterAll(() => api.close());

const USER = { user_id: "user-1" };
const SOURCE = { provider: "garmin" };
const PERIOD = { start_time: at(0), end_time: at(60), source: SOURCE };
const BASES: Record<string, object> = {
  timeseries: { ...BATCH, samples: samples(1) },
  workouts: { id: "w1", ...USER, ...PERIOD },
  sleep: { id: "s1", ...USER, ...PERIOD },
  cycles: { id: "c1", ...USER, ...PERIOD },
  meals: { id: "m1", ...USER, ...PERIOD },
  "daily-summaries": { id: "d1", ...USER, date: "2026-11-22", source: SOURCE },
  connections: { event: "created", ...USER, provider: "garmin", connection_id: "c", connected_at: at(0) },
  syncs: { event: "started", ...USER, provider: "garmin", source: "pull", run_id: "r" },
};
const REVOKED = { event: "revoked", connected_at: undefined, reason: "deregistration", revoked_at: at(0) };

type Row = [path: string, what: string, fields: object, issue: string];
const sample = (what: string, fields: object, issue: string): Row => [
  "timeseries",
  what,
  { samples: [...samples(17), { ...samples(1)[0], ...fields }] },
  `samples[17]${issue}`,
];

const rows: Row[] = [
  sample("a sample without a time", { timestamp: undefined }, ".timestamp"),
  sample("a time without an offset", { timestamp: "2026-11-22T08:00:00" }, ".timestamp"),
  sample("a day that does not exist", { timestamp: "2026-02-30T08:00:00Z" }, ".timestamp"),
  sample("a time in seconds", { timestamp: 1_795_000_000 }, ".timestamp"),
  sample("a value as text", { value: "62" }, ".value"),
  sample("NaN as text", { value: "NaN" }, ".value"),
  sample("no value", { value: null }, ".value"),
  sample("2^53 as a value", { value: 2 ** 53 }, ".value"),
  sample("a field that samples do not have", { unit: "bpm" }, ".unit"),
  sample("a field that sources do not have", { source: { name: "x" } }, ".source.name"),
  sample("a device that is too long", { source: { device: "x".repeat(257) } }, ".source.device"),
  sample("an offset in words", { zone_offset: "CET" }, ".zone_offset"),
  sample("a flag as text", { is_daily_total: "yes" }, ".is_daily_total"),
  ["timeseries", "a sample that is a list", { samples: [[]] }, "samples[0]"],
  ["timeseries", "a sample that is null", { samples: [null] }, "samples[0]"],
  ["timeseries", "samples that are no list", { samples: { 0: samples(1)[0] } }, "samples"],
  ["timeseries", "no samples", { samples: undefined }, "samples"],
  ["timeseries", "more samples than one call takes", { samples: Array(LIMITS.samplesMax + 1).fill(0) }, "samples"],
  ["timeseries", "a series that does not exist", { series_type: "mood" }, "series_type"],
  ["timeseries", "no series", { series_type: undefined }, "series_type"],
  ["timeseries", "an empty user", { user_id: "" }, "user_id"],
  ["timeseries", "a user that is too long for a channel", { user_id: "u".repeat(124) }, "user_id"],
  ["timeseries", "a user with a colon", { user_id: "a:b" }, "user_id"],
  ["timeseries", "an empty provider", { provider: "" }, "provider"],
  ["timeseries", "a provider that is too long", { provider: "p".repeat(65) }, "provider"],
  ["timeseries", "an empty revision", { revision: "" }, "revision"],
  ["timeseries", "a revision that is too long", { revision: "r".repeat(65) }, "revision"],
  ["timeseries", "a revision with a space", { revision: "2 b" }, "revision"],
  ["timeseries", "an unknown field", { sample_count: 1 }, "sample_count"],
  ["workouts", "no id", { id: undefined }, "id"],
  ["workouts", "an id that is too long", { id: "i".repeat(129) }, "id"],
  ["workouts", "an unknown field", { duration: 3_600 }, "duration"],
  ["workouts", "a negative distance", { distance_meters: -1 }, "distance_meters"],
  ["workouts", "2^53 as a distance", { distance_meters: 2 ** 53 }, "distance_meters"],
  ["workouts", "no source", { source: undefined }, "source"],
  ["workouts", "a source without a provider", { source: { device: "x" } }, "source.provider"],
  ["workouts", "a time without an offset", { end_time: "2026-11-22T08:00:00" }, "end_time"],
  ["sleep", "an efficiency over 100 percent", { efficiency_percent: 100.5 }, "efficiency_percent"],
  ["sleep", "a stage that does not exist", { stages: { nap_minutes: 1 } }, "stages.nap_minutes"],
  [
    "sleep",
    "an interval without an end",
    { sleep_stage_intervals: [{ stage: "rem", start_time: at(0) }] },
    "sleep_stage_intervals[0].end_time",
  ],
  [
    "sleep",
    "too many intervals",
    { sleep_stage_intervals: Array(2_001).fill({ stage: "rem", start_time: at(0), end_time: at(1) }) },
    "sleep_stage_intervals",
  ],
  ["cycles", "half a day", { day_in_cycle: 12.5 }, "day_in_cycle"],
  ["cycles", "2^53 days", { cycle_length: 2 ** 53 }, "cycle_length"],
  ["cycles", "a snapshot that is no object", { pregnancy_snapshot: ["x"] }, "pregnancy_snapshot[0]"],
  ["meals", "a nutrient without a unit", { nutrients: { iron: { value: 1 } } }, "nutrients.iron.unit"],
  [
    "meals",
    "too many nutrients",
    { nutrients: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`n${n}`, { value: 1, unit: "g" }])) },
    "nutrients",
  ],
  ["meals", "a title that is too long", { title: "t".repeat(257) }, "title"],
  ["daily-summaries", "a time as a date", { date: at(0) }, "date"],
  ["daily-summaries", "a day that does not exist", { date: "2026-02-29" }, "date"],
  ["daily-summaries", "half a step", { steps: 0.5 }, "steps"],
  ["connections", "an event that does not exist", { event: "renewed" }, "event"],
  ["connections", "a connection made at no time", { connected_at: undefined }, "connected_at"],
  ["connections", "a connection made for a reason", { reason: "deregistration" }, "reason"],
  ["connections", "a connection made that has ended", { revoked_at: at(1) }, "revoked_at"],
  ["connections", "an end for no reason", { ...REVOKED, reason: undefined }, "reason"],
  ["connections", "an end for a reason that does not exist", { ...REVOKED, reason: "bored" }, "reason"],
  ["connections", "an end at no time", { ...REVOKED, revoked_at: undefined }, "revoked_at"],
  ["connections", "an end with a beginning", { ...REVOKED, connected_at: at(0) }, "connected_at"],
  ["syncs", "a beginning with a status", { status: "success" }, "status"],
  ["syncs", "a beginning with a count", { items_processed: 3 }, "items_processed"],
  ["syncs", "a beginning with an error", { error: "x" }, "error"],
  ["syncs", "an end without a status", { event: "completed" }, "status"],
  ["syncs", "an end with an error", { event: "completed", status: "success", error: "x" }, "error"],
  ["syncs", "a failure with a status", { event: "failed", status: "failed" }, "status"],
  ["syncs", "a source that does not exist", { source: "push" }, "source"],
  ["syncs", "metadata that is a list", { metadata: [] }, "metadata"],
  ["syncs", "a run without an id", { run_id: "" }, "run_id"],
];

test.each(rows)("%s with %s is refused at its place and changes nothing", async (path, _what, fields, issue) => {
  const before = api.state.census();
  const answer = await api.call("POST", `/v1/health/${path}`, { body: { ...BASES[path], ...fields } });
  expect(answer.status).toBe(400);
  expect(answer.at("code")).toBe("invalid_input");
  expect(answer.at("issues.0.path")).toBe(issue);
  expect(api.state.census()).toEqual(before);
});

test.each(Object.entries(BASES))("%s is accepted without what these rows add to it", async (path, body) => {
  expect((await api.call("POST", `/v1/health/${path}`, { body })).status).toBe(202);
});

test("the name of a series that does not exist is in the message", async () => {
  const body = { ...BASES["timeseries"], series_type: "mood" };
  const answer = await api.call("POST", "/v1/health/timeseries", { body });
  expect(answer.textAt("message")).toContain('"mood"');
});

test("a batch in which everything is wrong is answered with fifty issues", async () => {
  const body = { ...BATCH, samples: Array.from({ length: 5_000 }, () => ({ timestamp: "now", value: "high" })) };
  const answer = await api.call("POST", "/v1/health/timeseries", { body });
  expect(answer.status).toBe(400);
  expect(answer.at("issues.49.path")).toBe("samples[24].value");
  expect(answer.at("issues.50")).toBeUndefined();
});
