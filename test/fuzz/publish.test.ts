import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FuzzApi } from "./fuzz-api.js";
import { damaged, hostileJson, hostileObject, objectOf } from "./json.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { hostileText } from "./texts.js";

let fuzz: FuzzApi;
beforeAll(async () => {
  fuzz = await FuzzApi.start();
  watchHeap(() => fuzz.forget());
});
afterAll(() => fuzz.close());

const quoted = (text: fc.Arbitrary<string>) => text.map((it) => JSON.stringify(it));

const event = objectOf({
  eventType: fc.constant('"order.paid"'),
  payload: hostileObject,
});
const rareEvent = objectOf({
  eventType: quoted(fc.oneof(fc.constant("order.paid"), hostileText)),
  payload: hostileObject,
  eventId: quoted(fc.oneof(fc.stringMatching(/^[!-~]{1,20}$/), hostileText)),
  channels: fc
    .array(quoted(fc.oneof(fc.constantFrom("a", "b", "c"), hostileText)), { maxLength: 3 })
    .map((it) => `[${it.join(",")}]`),
  metadata: hostileObject,
  deliverAt: fc.constantFrom(
    '"2090-01-01T00:00:00Z"',
    "null",
    '"2026-13-45T99:00:00Z"',
    '"+275760-09-13T00:00:00.001Z"',
  ),
  endpointIds: fc.array(quoted(hostileText), { maxLength: 2 }).map((it) => `[${it.join(",")}]`),
});
const rawEvent = objectOf({
  eventType: fc.constant('"order.paid"'),
  payloadBase64: quoted(fc.oneof(fc.base64String(), hostileText)),
  contentType: quoted(fc.oneof(fc.constantFrom("text/plain", "a/b; c=d"), hostileText)),
});
const anyEvent = fc.oneof(event, rareEvent, rawEvent, hostileJson);

test("whatever is published as JSON is taken or refused in words", FUZZ_TIMEOUT, async () => {
  const statuses = new Set<number>();
  await forCases(1_500, anyEvent, async (body) => {
    const { status } = await fuzz.fire({ method: "POST", path: "/v1/events", body });
    statuses.add(status);
  });
  // Both ends of the road were seen.
  expect([...statuses]).toEqual(expect.arrayContaining([202, 400]));
});

test("a payload that was taken is what was sent, to the last character that JSON knows", FUZZ_TIMEOUT, async () => {
  let taken = 0;
  await forCases(300, hostileObject, async (payload) => {
    const { status, text } = await fuzz.fire({
      method: "POST",
      path: "/v1/events",
      body: `{"eventType":"order.paid","payload":${payload}}`,
    });
    if (status !== 202) return;
    taken += 1;
    const { id } = JSON.parse(text) as { id: string }; // the answer of an accepted event
    const stored: unknown = JSON.parse(Buffer.from(fuzz.api.state.events.get(id)?.payload ?? []).toString());
    // -0 and 0 are the same number, and JSON has one word for it.
    expect(stored).toEqual(JSON.parse(fuzz.fill(payload), (_name, value: unknown) => (value === 0 ? 0 : value)));
  });
  expect(taken).toBeGreaterThan(50);
});

test("bytes that are damaged or never were JSON are refused", FUZZ_TIMEOUT, async () => {
  const bytes = fc.oneof(
    damaged(anyEvent),
    fc.uint8Array({ maxLength: 300 }).map((it) => Buffer.from(it)),
  );
  await forCases(500, bytes, async (body) => {
    await fuzz.fire({ method: "POST", path: "/v1/events", body });
  });
});

test("bytes that call themselves JSON are refused, or shown to whoever asks for them", FUZZ_TIMEOUT, async () => {
  const bytes = fc.oneof(
    { weight: 4, arbitrary: fc.oneof(hostileJson, hostileObject).map((it) => Buffer.from(it)) },
    { weight: 1, arbitrary: damaged(hostileJson) },
  );
  const type = fc.constantFrom("application/json", "application/json; charset=utf-8", "application/cloudevents+json");
  const statuses = new Set<number>();
  await forCases(500, fc.tuple(bytes, type), async ([sent, contentType]) => {
    const payloadBase64 = sent.toString("base64");
    const body = JSON.stringify({ eventType: "order.paid", payloadBase64, contentType });
    const { status, text } = await fuzz.fire({ method: "POST", path: "/v1/events", body });
    statuses.add(status);
    if (status !== 202) return;
    const { id } = JSON.parse(text) as { id: string }; // the answer of an accepted event
    for (const path of [`/v1/events/${id}`, "/api/v1/webhooks/endpoints/@endpoint@/attempts?limit=3"]) {
      // Not fired: that might empty what has become long, and the event with it.
      expect((await fuzz.send({ method: "GET", path })).status).toBe(200);
    }
  });
  expect([...statuses]).toEqual(expect.arrayContaining([202, 400]));
});

test("one bad event of a batch is not the others' concern", FUZZ_TIMEOUT, async () => {
  const batch = fc.array(
    anyEvent.filter((it) => it.length < 20_000),
    { minLength: 1, maxLength: 4 },
  );
  await forCases(300, batch, async (events) => {
    const body = `{"events":[${events.join(",")},{"eventType":"order.paid","payload":{"last":true}}]}`;
    const { status, text } = await fuzz.fire({ method: "POST", path: "/v1/events/batch", body });
    expect(status).toBe(202);
    const { results } = JSON.parse(text) as { results: { status: string; code?: string }[] }; // the answer of a batch
    expect(results).toHaveLength(events.length + 1);
    expect(results.at(-1)?.status).toBe("accepted");
    expect(results.filter((it) => it.code === "internal")).toEqual([]);
  });
});

test("nothing of all this is kept in memory", () => {
  expectSameHeap();
});
