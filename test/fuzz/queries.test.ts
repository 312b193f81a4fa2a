import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeCursor } from "../../core/cursor.js";
import { FuzzApi } from "./fuzz-api.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { hostileQuery, hostileText, mutated, place } from "./texts.js";

let fuzz: FuzzApi;
beforeAll(async () => {
  fuzz = await FuzzApi.start();
  watchHeap(() => fuzz.forget());
});
afterAll(() => fuzz.close());

const LISTS = ["applications", "endpoints", "event-types", "events", "deliveries", "attempts"] as const;
const FILTERS = [
  "cursor",
  "limit",
  "order",
  "from",
  "until",
  "application",
  "endpoint",
  "endpointId",
  "event",
  "eventId",
];
const MORE = ["status", "eventType", "channel", "text", "httpClass", "includeArchived", "delivery", "outcome"];
const ONE = ["applications", "endpoints", "event-types", "events", "deliveries", "attempts"] as const;

test("lists take any query or say what is wrong with it", FUZZ_TIMEOUT, async () => {
  const cases = fc.tuple(fc.constantFrom(...LISTS), hostileQuery([...FILTERS, ...MORE]));
  const statuses = new Set<number>();
  await forCases(1_200, cases, async ([list, query]) => {
    statuses.add((await fuzz.fire({ method: "GET", path: `/v1/${list}?${query}` })).status);
  });
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400]));
});

test("a cursor is one of the list's own or refused", FUZZ_TIMEOUT, async () => {
  const after = fc.oneof(place, mutated(place), fc.stringMatching(/^[0-9A-Za-z_.:-]{1,60}$/));
  const made = fc.tuple(after, fc.constantFrom("newest" as const, "oldest" as const));
  const cursor = fc.oneof(
    made.map(
      ([text, order]) =>
        () =>
          encodeCursor({ order, after: fuzz.fill(text).replaceAll(/[^\w.:-]/g, "") }),
    ),
    mutated(fc.constant("@cursor@")).map((it) => () => it),
    fc.base64String().map((it) => () => it),
    hostileText.map((it) => () => it),
  );
  await forCases(600, fc.tuple(fc.constantFrom(...LISTS), cursor), async ([list, text]) => {
    const query = new URLSearchParams({ cursor: fuzz.fill(text()) }).toString();
    const { status } = await fuzz.fire({ method: "GET", path: `/v1/${list}?${query}` });
    expect([200, 400]).toContain(status);
  });
});

test("any text in the place of an id is an id or unknown", FUZZ_TIMEOUT, async () => {
  const id = fc.oneof(place, mutated(place), hostileText, hostileText.map(encodeURIComponentOrNothing));
  const tail = fc.constantFrom("", "/", "/secret", "/explain", "/nothing", "//", "?application=default");
  await forCases(800, fc.tuple(fc.constantFrom(...ONE), id, tail), async ([kind, reference, rest]) => {
    await fuzz.fire({ method: "GET", path: `/v1/${kind}/${reference}${rest}` });
  });
});

test("any path and method has an answer", FUZZ_TIMEOUT, async () => {
  const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE");
  const start = fc.constantFrom(
    "/",
    "/v1/",
    "/v1",
    "/v1/events/",
    "/trpc/",
    "/docs/",
    "/healthz",
    "/readyz",
    "/V1/events",
  );
  const rest = fc.oneof(hostileText, fc.webPath());
  await forCases(600, fc.tuple(method, start, rest), async ([verb, beginning, end]) => {
    await fuzz.fire({ method: verb, path: beginning + end });
  });
});

function encodeURIComponentOrNothing(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

test("nothing of all this is kept in memory", () => {
  expectSameHeap();
});
