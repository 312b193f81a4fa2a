import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectErrorShape } from "./error-shape.js";
import { FuzzApi } from "./fuzz-api.js";
import type { Shot } from "./fuzz-api.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { hostileText, mutated } from "./texts.js";

let fuzz: FuzzApi;
beforeAll(async () => {
  fuzz = await FuzzApi.startClosed();
  watchHeap();
});
afterAll(() => fuzz.close());

/** Two of them together stay below Node's bound of a head. */
const HEADER_CHARS_MAX = 2_000;

const EVENT = '{"eventType":"a.b","payload":{}}';
const SHOTS: Shot[] = [
  { method: "GET", path: "/v1/events" },
  { method: "POST", path: "/v1/events", body: EVENT },
  { method: "POST", path: "/v1/events/batch", body: `{"events":[${EVENT}]}` },
  { method: "POST", path: "/v1/keys", body: '{"name":"mine"}' },
  { method: "GET", path: "/trpc/events.list" },
  { method: "POST", path: "/trpc/events.publish", body: EVENT },
  { method: "GET", path: "/api/v1/webhooks/messages" },
  { method: "POST", path: "/api/v1/webhooks/endpoints", body: '{"url":"https://a.example/"}' },
  { method: "GET", path: "/settings" },
  { method: "POST", path: "/settings", body: '{"webhookUrl":"https://a.example/"}' },
];

/** As Node's client lets it go out. */
function headerText(text: string): string {
  return Buffer.from(text)
    .toString("latin1")
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "")
    .slice(0, HEADER_CHARS_MAX);
}

test("no text in the place of a key opens anything, and each is refused in words", FUZZ_TIMEOUT, async () => {
  const { api } = fuzz;
  const key = api.keyFor(null);
  const expired = api.keyFor(null, { expiresAt: new Date(0) });
  const token = fc
    .oneof(hostileText, fc.constant(expired), mutated(fc.constantFrom(key, expired)))
    .map(headerText)
    // With white space around it, it would still be the key.
    .filter((it) => !it.includes(key));
  const scheme = fc.constantFrom("Bearer ", "bearer  ", "Bearer", "Basic ", "");
  const headers = fc.record(
    {
      authorization: fc.tuple(scheme, token).map((it) => it.join("")),
      "x-api-key": fc.oneof(token, fc.array(token, { minLength: 2, maxLength: 3 })),
    },
    { requiredKeys: [] },
  );
  const before = { ...api.state.census(), keys: api.state.apiKeys.size };
  await forCases(1_000, fc.tuple(fc.constantFrom(...SHOTS), headers), async ([shot, sent]) => {
    api.lines.length = 0;
    // So that each is looked at: the limit of wrong keys gives back 20 a second.
    api.advance(1_000);
    const hit = await fuzz.send({ ...shot, headers: sent });
    // Clients of Metriport's settings know a missing key as 403.
    expect(hit.status).toBe(shot.path === "/settings" ? 403 : 401);
    expectErrorShape(shot, hit);
    expect(api.lines.filter((it) => it.level === "error")).toEqual([]);
  });
  expect({ ...api.state.census(), keys: api.state.apiKeys.size }).toEqual(before);
  const right = { authorization: `Bearer ${key}` };
  expect((await fuzz.send({ method: "GET", path: "/v1/events", headers: right })).status).toBe(200);
});

test("nothing of all this is kept in memory", () => {
  expectSameHeap();
});
