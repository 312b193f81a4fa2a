import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FuzzApi } from "./fuzz-api.js";
import { damaged, hostileJson, objectOf } from "./json.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { hostileQuery, hostileText, mutated, place } from "./texts.js";

let fuzz: FuzzApi;
beforeAll(async () => {
  fuzz = await FuzzApi.start();
  watchHeap(() => fuzz.forget());
});
afterAll(() => fuzz.close());

const TYPES = [
  "application/json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "\xff",
];
const quoted = (text: fc.Arbitrary<string>) => text.map((it) => JSON.stringify(it));
const listOf = (item: fc.Arbitrary<string>) => fc.array(item, { maxLength: 3 }).map((it) => `[${it.join(",")}]`);

const body = fc.oneof(
  objectOf({
    url: quoted(fc.oneof(fc.constant("https://receiver.example.com/"), fc.webUrl(), hostileText)),
    description: quoted(hostileText),
    filter_types: listOf(quoted(fc.oneof(fc.constantFrom("workout.created", "sleep.created"), hostileText))),
    user_id: quoted(fc.oneof(fc.constant("user-1"), hostileText)),
  }),
  objectOf({ event_type: quoted(fc.oneof(fc.constant("workout.created"), hostileText)) }),
  objectOf({ key: quoted(hostileText), grace_period_seconds: fc.constantFrom("0", "604801", "-1") }),
  hostileJson,
);
const id = fc.oneof(
  { weight: 5, arbitrary: fc.constant("@endpoint@") },
  { weight: 1, arbitrary: place },
  { weight: 1, arbitrary: mutated(place) },
  { weight: 1, arbitrary: hostileText },
);
const tail = fc.constantFrom("", "/secret", "/secret/rotate", "/test", "/enable", "/disable", "/attempts", "/nothing");
const path = fc.oneof(
  fc.constantFrom("/webhooks/endpoints", "/webhooks/messages", "/webhooks/event-types", "/config", "", "/webhooks"),
  fc.tuple(id, tail).map(([one, end]) => `/webhooks/endpoints/${one}${end}`),
  fc.tuple(place, id).map(([event, one]) => `/webhooks/messages/${event}/endpoints/${one}/resend`),
  hostileText.map((it) => `/${it}`),
);

test("any request to the routes of Open Wearables has an answer in their form", FUZZ_TIMEOUT, async () => {
  const method = fc.constantFrom("GET", "POST", "PATCH", "DELETE", "PUT");
  const statuses = new Set<number>();
  await forCases(900, fc.tuple(method, path, body, fc.constantFrom(...TYPES)), async ([verb, to, sent, type]) => {
    const shot = { method: verb, path: `/api/v1${to}`, ...(verb !== "GET" && { body: sent, type }) };
    statuses.add((await fuzz.fire(shot)).status);
  });
  expect([...statuses]).toEqual(expect.arrayContaining([200, 204, 400, 404, 405]));
});

test("endpoints are made of anything or refused", FUZZ_TIMEOUT, async () => {
  const statuses = new Set<number>();
  await forCases(400, fc.oneof(body, damaged(body)), async (sent) => {
    statuses.add((await fuzz.fire({ method: "POST", path: "/api/v1/webhooks/endpoints", body: sent })).status);
  });
  expect([...statuses]).toEqual(expect.arrayContaining([201, 400]));
});

test("the logs take any query or say what is wrong with it", FUZZ_TIMEOUT, async () => {
  const to = fc.constantFrom("/webhooks/messages", "/webhooks/endpoints/@endpoint@/attempts");
  const query = hostileQuery(["limit", "iterator", "before", "after", "status", "event_types"]);
  const iterator = fc
    .oneof(
      place,
      mutated(place),
      mutated(place).map((it) => `-${it}`),
    )
    .map((it) => `iterator=${it}`);
  await forCases(600, fc.tuple(to, fc.oneof(query, iterator)), async ([log, asked]) => {
    await fuzz.fire({ method: "GET", path: `/api/v1${log}?${asked}` });
  });
});

test("nothing of all this is kept in memory", () => {
  expectSameHeap();
});
