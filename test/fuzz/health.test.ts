import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FuzzApi } from "./fuzz-api.js";
import { damaged, hostileJson, objectOf } from "./json.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { operationsOf } from "./schema.js";
import type { Operation } from "./schema.js";
import { hostileText } from "./texts.js";

let fuzz: FuzzApi;
let operations: Operation[];
beforeAll(async () => {
  fuzz = await FuzzApi.start();
  operations = operationsOf((await fuzz.api.call("GET", "/openapi.json")).body);
  watchHeap(() => fuzz.forget());
});
afterAll(() => fuzz.close());

const ROUTES = ["workouts", "sleep", "cycles", "meals", "daily-summaries", "connections", "syncs"];
const quoted = (text: fc.Arbitrary<string>) => text.map((it) => JSON.stringify(it));

const timestamp = fc.oneof(
  fc.integer({ min: 0, max: 10_000 }).map((it) => new Date(1_790_000_000_000 + it * 1_000).toISOString()),
  fc.constantFrom("0000-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "2026-11-22T06:00:00+23:59"),
  fc.constantFrom("2026-11-22T06:00:00.123456789Z", "2026-11-22", "-000001-01-01T00:00:00Z"),
);
const sample = objectOf({
  timestamp: quoted(timestamp),
  value: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom("1e400", "-0", '"60"'),
  ),
});
const goodSample = fc.tuple(timestamp, fc.integer()).map(([at, value]) => JSON.stringify({ timestamp: at, value }));
const listOf = (item: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(item, { maxLength }).map((it) => `[${it.join(",")}]`);
const many = fc
  .tuple(goodSample, fc.constantFrom(2_500, 2_501, 6_000))
  .map(([it, count]) => `[${Array<string>(count).fill(it).join(",")}]`);
const samples = fc.oneof(
  { weight: 8, arbitrary: listOf(sample, 4) },
  { weight: 4, arbitrary: listOf(goodSample, 20) },
  { weight: 4, arbitrary: listOf(hostileJson, 3) },
  { weight: 1, arbitrary: many },
);
const batch = objectOf({
  user_id: quoted(fc.oneof(fc.constant("user-1"), hostileText)),
  provider: quoted(fc.oneof(fc.constant("garmin"), hostileText)),
  series_type: quoted(fc.oneof(fc.constantFrom("heart_rate", "steps", "toString", "__proto__"), hostileText)),
  samples,
});

test("samples of any form are taken or refused in words", FUZZ_TIMEOUT, async () => {
  const statuses = new Set<number>();
  await forCases(700, fc.oneof(batch, batch, batch, hostileJson), async (body) => {
    statuses.add((await fuzz.fire({ method: "POST", path: "/v1/health/timeseries", body })).status);
  });
  expect([...statuses]).toEqual(expect.arrayContaining([202, 400]));
});

test("samples cut off or damaged on their way are refused", FUZZ_TIMEOUT, async () => {
  const path = fc.constantFrom("/v1/health/timeseries", "/trpc/health.timeseries");
  await forCases(300, fc.tuple(path, damaged(batch)), async ([to, body]) => {
    await fuzz.fire({ method: "POST", path: to, body });
  });
});

test.each(ROUTES)("/v1/health/%s takes any record or says what is wrong with it", FUZZ_TIMEOUT, async (route) => {
  const operation = operations.find((it) => it.path === `/v1/health/${route}`);
  if (operation === undefined) throw new Error(`${route} is not in the document`);
  await forCases(120, operation.body, async (body) => {
    await fuzz.fire({ method: "POST", path: operation.path, body });
  });
});

test("nothing of all this is kept in memory", () => {
  expectSameHeap();
});
