import { createTRPCClient, httpLink } from "@trpc/client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AppRouter } from "../../api/app-router.js";
import { EVENTLESS_SERIES } from "../../api/catalogue/open-wearables/series.js";
import type { WebhookEvent } from "../../core/model.js";
import { acceptTimeseries } from "../../api/health-data/timeseries.js";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";
import { at, BATCH, samples, textOf, timeseriesOf } from "../support/health.js";
import { textLike } from "../support/matchers.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  api.state.events.clear();
  api.state.isDown = false;
  api.engine.dispatched.length = 0;
});
afterAll(() => api.close());

const send = (body: object) => api.call("POST", "/v1/health/timeseries", { body: { ...BATCH, ...body } });
const stored = (eventType: string): WebhookEvent[] =>
  [...api.state.events.values()].filter((it) => it.eventType === eventType);

test("a batch becomes the group event and the granular one, with the fields in their order and unknown ones null", async () => {
  const answer = await send({
    samples: [
      { timestamp: "2026-11-22T08:00:00+01:00", value: 62.5, zone_offset: "+01:00", source: { device: "Fenix 7" } },
      { timestamp: "2026-11-22T07:00:01Z", value: 63, is_daily_total: false, source: { provider: "apple" } },
    ],
  });
  expect(answer.status).toBe(202);
  const key = "timeseries.user-1.garmin.heart_rate.2026-11-22T07_00_00.000Z.2026-11-22T07_00_01.000Z";
  const event = (eventType: string) => ({
    id: textLike(/^msg_[0-9A-Za-z]{27}$/),
    eventId: `${key}.${eventType}`,
    eventType,
    duplicate: false,
  });
  expect(answer.body).toEqual({
    events: [event("heart_rate.created"), event("series.heart_rate.created")],
    sampleCount: 2,
    skipped: false,
  });
  const [group] = stored("heart_rate.created");
  const [granular] = stored("series.heart_rate.created");
  const data =
    '"data":{"user_id":"user-1","provider":"garmin","series_type":"heart_rate","sample_count":2,' +
    '"start_time":"2026-11-22T08:00:00+01:00","end_time":"2026-11-22T07:00:01Z","samples":[' +
    '{"timestamp":"2026-11-22T08:00:00+01:00","zone_offset":"+01:00","type":"heart_rate","value":62.5,"unit":"bpm",' +
    '"source":{"provider":"garmin","device":"Fenix 7"},"is_daily_total":null},' +
    '{"timestamp":"2026-11-22T07:00:01Z","zone_offset":null,"type":"heart_rate","value":63,"unit":"bpm",' +
    '"source":{"provider":"apple","device":null},"is_daily_total":false}]}}';
  expect(textOf(group)).toBe(`{"type":"heart_rate.created",${data}`);
  expect(textOf(granular)).toBe(`{"type":"series.heart_rate.created",${data}`);
  expect(group).toMatchObject({ channels: ["user.user-1"], pairRole: "group", contentType: "application/json" });
  expect(granular).toMatchObject({ channels: ["user.user-1"], pairRole: "granular" });
  expect(api.engine.dispatched).toHaveLength(2);
});

test("samples are sent sorted by time, and those of the same moment in the order they came in", async () => {
  const list = [
    { timestamp: at(5), value: 1 },
    { timestamp: "2026-11-22T07:00:03+01:00", value: 2 },
    { timestamp: at(5), value: 3 },
    { timestamp: at(4), value: 4 },
  ];
  await send({ samples: list });
  const { data } = timeseriesOf(stored("heart_rate.created")[0]);
  expect(data.samples.map((it) => it.value)).toEqual([2, 4, 1, 3]);
  expect([data.start_time, data.end_time]).toEqual(["2026-11-22T07:00:03+01:00", at(5)]);
});

test("samples within one millisecond are sorted by what stands behind it", async () => {
  const second = "2026-11-22T07:00:00";
  const list = [
    { timestamp: `${second}.000900Z`, value: 5 },
    { timestamp: `${second}.0001Z`, value: 2 },
    { timestamp: "2026-11-22T08:00:00.00050+01:00", value: 3 },
    { timestamp: `${second}.0005Z`, value: 4 },
    { timestamp: `${second}Z`, value: 1 },
  ];
  await send({ samples: list });
  const { data } = timeseriesOf(stored("heart_rate.created")[0]);
  expect(data.samples.map((it) => it.value)).toEqual([1, 2, 3, 4, 5]);
  expect([data.start_time, data.end_time]).toEqual([`${second}Z`, `${second}.000900Z`]);
});

test.each([
  ["the call's", { samples: samples(1, { source: { provider: "apple" } }) }, "garmin"],
  [
    "the first that samples name",
    { provider: null, samples: [...samples(1), ...samples(1, { source: { provider: "oura" } })] },
    "oura",
  ],
  ["unknown", { provider: undefined, samples: samples(1) }, "unknown"],
])("the provider of a batch is %s", async (_what, body, provider) => {
  await send(body);
  const { data } = timeseriesOf(stored("heart_rate.created")[0]);
  expect(data.provider).toBe(provider);
});

test("2,500 samples go in one event of each type, without chunk fields", async () => {
  const answer = await send({ samples: samples(2_500) });
  expect(answer.status).toBe(202);
  expect(api.state.events.size).toBe(2);
  for (const event of api.state.events.values()) {
    const { data } = timeseriesOf(event);
    expect(data.samples).toHaveLength(2_500);
    expect(Object.keys(data)).not.toContain("chunk_index");
    expect(Object.keys(data)).not.toContain("total_chunks");
  }
});

test("2,501 samples go in two events of each type, each with the times of its own samples", async () => {
  const answer = await send({ samples: samples(2_501) });
  expect(api.state.events.size).toBe(4);
  for (const type of ["heart_rate.created", "series.heart_rate.created"]) {
    const chunks = stored(type).map((event) => timeseriesOf(event).data);
    expect(chunks.map(({ samples: list, ...rest }) => ({ ...rest, length: list.length }))).toEqual([
      {
        ...BATCH,
        sample_count: 2_501,
        start_time: at(0),
        end_time: at(2_499),
        length: 2_500,
        chunk_index: 0,
        total_chunks: 2,
      },
      {
        ...BATCH,
        sample_count: 2_501,
        start_time: at(2_500),
        end_time: at(2_500),
        length: 1,
        chunk_index: 1,
        total_chunks: 2,
      },
    ]);
    expect(Object.keys(chunks[0] ?? {}).slice(-3)).toEqual(["samples", "chunk_index", "total_chunks"]);
  }
  expect(answer.textAt("events.0.eventId")).toMatch(/\.chunk0\.heart_rate\.created$/);
  expect(answer.textAt("events.3.eventId")).toMatch(/\.chunk1\.series\.heart_rate\.created$/);
});

test("samples with long names are divided so that no event is larger than an event may be", async () => {
  const small = await startApi({ bodyBytesMax: 10_000 });
  const list = samples(100, { source: { device: "é".repeat(200) } });
  const answer = await small.call("POST", "/v1/health/timeseries", { body: { ...BATCH, samples: list } });
  expect(answer.status).toBe(202);
  const events = [...small.state.events.values()];
  const sizes = events.map((it) => it.payload.byteLength);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000);
  const chunks = events.filter((it) => it.pairRole === "group").map((it) => timeseriesOf(it).data);
  expect(chunks.length).toBeGreaterThan(5);
  expect(chunks.map((it) => [it.chunk_index, it.total_chunks])).toEqual(chunks.map((_, n) => [n, chunks.length]));
  expect(chunks.flatMap((it) => it.samples.map((sample) => sample.timestamp))).toEqual(list.map((it) => it.timestamp));
  await small.close();
});

test("a sample that fits into no event is refused at its place", async () => {
  const small = await startApi({ bodyBytesMax: 1_024 });
  const long = { timestamp: at(-1), value: 1, source: { device: "é".repeat(256), provider: "é".repeat(64) } };
  const body = { ...BATCH, samples: [...samples(3), long] };
  const answer = await small.call("POST", "/v1/health/timeseries", { body });
  expect(answer.status).toBe(400);
  expect(answer.at("issues.0")).toEqual({ path: "samples[3]", message: "is too large for an event of 1024 bytes" });
  expect(small.state.events.size).toBe(0);
  await small.close();
});

test("a repeated request stores nothing and answers with the first events", async () => {
  const first = await send({ samples: samples(2_501) });
  const second = await send({ samples: samples(2_501).reverse() });
  expect(second.status).toBe(202);
  expect(api.state.events.size).toBe(4);
  expect(api.engine.dispatched).toHaveLength(4);
  for (const index of [0, 1, 2, 3]) {
    expect(second.at(`events.${index}`)).toMatchObject({ id: first.textAt(`events.${index}.id`), duplicate: true });
  }
});

test("after a failure in the middle 503 is answered, and a repetition stores only what is missing", async () => {
  const list = samples(12_500);
  const { events } = api.deps.stores;
  const insert = events.insert.bind(events);
  let inserted = 0;
  events.insert = async (event) => {
    const insertion = await insert(event);
    inserted += 1;
    if (inserted === 3) api.state.isDown = true;
    return insertion;
  };
  const failed = await send({ samples: list });
  events.insert = insert;
  expect([failed.status, failed.at("code")]).toEqual([503, "store_unavailable"]);
  expect(failed.headers.get("retry-after")).toBe("1");
  const before = new Set(api.state.events.keys());
  expect(before.size).toBeGreaterThan(0);
  expect(before.size).toBeLessThan(10);

  api.state.isDown = false;
  const again = await send({ samples: list });
  expect(again.status).toBe(202);
  expect(api.state.events.size).toBe(10);
  for (let index = 0; index < 10; index += 1) {
    expect(again.at(`events.${index}.duplicate`)).toBe(before.has(again.textAt(`events.${index}.id`)));
  }
});

test("other samples of the same time span are refused, and nothing of the request is stored", async () => {
  const list = samples(2_501);
  await send({ samples: list });
  // What is missing of the first request is not made up for by the one that contradicts it.
  for (const event of stored("series.heart_rate.created")) api.state.events.delete(event.id);
  const before = api.state.census();
  const changed = list.map((it, index) => (index === 2_500 ? { ...it, value: 999 } : it));
  const refused = await send({ samples: changed });
  expect([refused.status, refused.at("code"), refused.at("issues.0.path")]).toEqual([
    409,
    "event_conflict",
    "revision",
  ]);
  expect(api.state.census()).toEqual(before);
});

test("a batch that goes on for longer than one before is another batch, also where both are divided", async () => {
  const first = await send({ samples: samples(2_501) });
  const longer = await send({ samples: samples(2_502) });
  expect(longer.status).toBe(202);
  expect(api.state.events.size).toBe(8);
  const key = (answer: Answer) => answer.textAt("events.0.eventId");
  expect([key(first), key(longer)]).toEqual([
    textLike(/heart_rate\.2026-11-22T06_00_00\.000Z\.2026-11-22T06_41_40\.000Z\.chunk0\.heart_rate\.created$/),
    textLike(/heart_rate\.2026-11-22T06_00_00\.000Z\.2026-11-22T06_41_41\.000Z\.chunk0\.heart_rate\.created$/),
  ]);
});

test.each([
  ["more", 2_500, 2_501],
  ["fewer", 2_501, 2_500],
])(
  "a sample %s in between, which divides the batch in another way, needs a revision, too",
  async (_what, before, after) => {
    const batch = (count: number) => [...samples(count - 1), { timestamp: at(3_600), value: 60 }];
    await send({ samples: batch(before) });
    const census = api.state.census();
    const refused = await send({ samples: batch(after) });
    expect([refused.status, refused.at("code")]).toEqual([409, "event_conflict"]);
    expect(api.state.census()).toEqual(census);
    expect((await send({ samples: batch(after), revision: "2" })).status).toBe(202);
  },
);

test("a correction is accepted under a revision, and again only under another one", async () => {
  await send({ samples: [{ timestamp: at(0), value: 60 }] });
  const corrected = { samples: [{ timestamp: at(0), value: 61 }], revision: "2" };
  const answer = await send(corrected);
  expect(answer.status).toBe(202);
  expect(answer.textAt("events.0.eventId")).toMatch(/\.heart_rate\.created\.r2$/);
  expect((await send(corrected)).at("events.1.duplicate")).toBe(true);
  expect((await send({ ...corrected, samples: [{ timestamp: at(0), value: 62 }] })).status).toBe(409);
  expect((await send({ ...corrected, revision: "3" })).at("events.0.duplicate")).toBe(false);
});

test("keys contain only what keys may, and stay different where they had to be cut", async () => {
  const user = "u".repeat(123);
  const keys = new Set<string>();
  for (const provider of ["a".repeat(64), "ü €".repeat(21)]) {
    for (const revision of ["r".repeat(63), "s".repeat(64)]) {
      const answer = await send({ user_id: user, provider, samples: samples(1), revision });
      expect(answer.status).toBe(202);
      for (const index of [0, 1]) keys.add(answer.textAt(`events.${index}.eventId`));
    }
  }
  expect(keys.size).toBe(8);
  for (const key of keys) expect(key).toMatch(/^[a-zA-Z0-9_.-]{1,256}$/);
});

test("an empty batch makes no event", async () => {
  const answer = await send({ samples: [] });
  expect(answer.status).toBe(202);
  expect(answer.body).toEqual({ events: [], sampleCount: 0, skipped: false });
});

test.each([...EVENTLESS_SERIES])("%s is accepted and announced by no event", async (series) => {
  const answer = await send({ series_type: series, samples: samples(2) });
  expect(answer.status).toBe(202);
  expect(answer.body).toEqual({ events: [], sampleCount: 2, skipped: true });
  expect(api.state.events.size).toBe(0);
});

test("when the caller has gone nothing more is stored, and the next repetition stores the rest", async () => {
  const list = samples(60_000);
  const caller = new AbortController();
  const call = { applicationId: [...api.state.applications.keys()][0] ?? "", bodyBytesMax: 1024 * 1024 };
  const { events } = api.deps.stores;
  const insert = events.insert.bind(events);
  events.insert = (event) => {
    caller.abort();
    return insert(event);
  };
  const gone = acceptTimeseries({ services: api.deps, ...call, signal: caller.signal }, { ...BATCH, samples: list });
  await expect(gone).rejects.toMatchObject({ code: "store_unavailable" });
  events.insert = insert;
  const before = api.state.events.size;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(48);
  const late = acceptTimeseries({ services: api.deps, ...call, signal: undefined }, { ...BATCH, samples: list });
  expect((await late).events.filter((it) => it.duplicate)).toHaveLength(before);
  expect(api.state.events.size).toBe(48);
});

test("the tRPC client sends samples as REST does", async () => {
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${api.url}/trpc` })] });
  const list = samples(3);
  const answer = await client.health.timeseries.mutate({ ...BATCH, samples: list });
  expect(answer.events.map((it) => it.duplicate)).toEqual([false, false]);
  const again = await send({ samples: list });
  expect(again.body).toEqual({ ...answer, events: answer.events.map((it) => ({ ...it, duplicate: true })) });
});
