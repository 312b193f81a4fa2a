import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FuzzApi } from "./fuzz-api.js";
import { damaged, hostileJson, objectOf } from "./json.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { hostileQuery, hostileText, mutated } from "./texts.js";

let fuzz: FuzzApi;
beforeAll(async () => {
  fuzz = await FuzzApi.start();
  watchHeap(() => fuzz.forget());
});
afterAll(() => fuzz.close());

const quoted = (text: fc.Arbitrary<string>) => text.map((it) => JSON.stringify(it));
const URLS = fc.constantFrom("https://receiver.example.com/hook", "https://other.example.com/", "http://10.0.0.1/", "");

const settings = objectOf({
  webhookUrl: quoted(fc.oneof(URLS, mutated(URLS), hostileText)),
  mrFilters: fc.oneof(
    fc.constant("null"),
    fc.array(hostileJson, { maxLength: 2 }).map((it) => `[${it.join(",")}]`),
  ),
});
const sample = objectOf({ meta: objectOf({ type: quoted(hostileText) }), patients: hostileJson });
const body = fc.oneof(settings, sample, hostileJson);

test("any request to Metriport's settings has an answer in their form", FUZZ_TIMEOUT, async () => {
  const path = fc.oneof(
    fc.constantFrom("", "/", "/webhook", "/webhook/retry", "/webhook/sample-payload"),
    hostileText.map((it) => `/${it}`),
  );
  const method = fc.constantFrom("GET", "POST", "PUT");
  const cases = fc.tuple(
    method,
    path,
    body,
    hostileQuery(["application"]),
    fc.constantFrom("application/json", "text/plain"),
  );
  const statuses = new Set<number>();
  await forCases(800, cases, async ([verb, to, sent, query, type]) => {
    const shot = { method: verb, path: `/settings${to}?${query}`, ...(verb !== "GET" && { body: sent, type }) };
    statuses.add((await fuzz.fire(shot)).status);
  });
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404, 405]));
});

test("settings are changed to anything or stay as they are", FUZZ_TIMEOUT, async () => {
  await forCases(500, fc.oneof(settings, settings, damaged(settings)), async (sent) => {
    await fuzz.fire({ method: "POST", path: "/settings", body: sent });
    expect((await fuzz.fire({ method: "GET", path: "/settings" })).status).toBe(200);
  });
});

test("messages carry any payload or are refused", FUZZ_TIMEOUT, async () => {
  const message = objectOf({
    type: quoted(fc.oneof(fc.constant("medical.consolidated-data"), hostileText)),
    payload: objectOf({ patients: hostileJson }),
    data: objectOf({ tenant: quoted(hostileText) }),
    requestId: quoted(hostileText),
    messageId: quoted(fc.oneof(fc.uuid(), mutated(fc.uuid()))),
  });
  await forCases(400, message, async (sent) => {
    await fuzz.fire({ method: "POST", path: "/v1/metriport/messages", body: sent });
  });
});

test("nothing of all this is kept in memory", () => {
  expectSameHeap();
});
