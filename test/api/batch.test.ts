import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  api.state.events.clear();
});
afterAll(() => api.close());

const batch = (events: unknown) => api.call("POST", "/v1/events/batch", { body: { events } });
const good = (n: number) => ({ eventType: "a.b", payload: { n } });

test("each event of a batch has an answer in the order sent", async () => {
  const answer = await batch([good(1), good(2), { ...good(3), eventId: "third" }]);
  expect(answer.status).toBe(202);
  expect(answer.at("results")).toHaveLength(3);
  expect(answer.at("results.2")).toMatchObject({ status: "accepted", eventId: "third", duplicate: false });
  const stored = [...api.state.events.values()].map((it) => Buffer.from(it.payload).toString());
  expect(stored).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
});

test("a malformed event refuses only itself", async () => {
  const answer = await batch([
    good(1),
    { eventType: "a.b" },
    "not an event",
    { ...good(4), surprise: true },
    { ...good(5), deliverAt: "2001-01-01T00:00:00Z" },
    good(6),
  ]);
  expect(answer.status).toBe(202);
  expect(answer.at("results")).toMatchObject([
    { status: "accepted" },
    { status: "error", code: "invalid_input", issues: [{ path: "payload" }] },
    { status: "error", code: "invalid_input", issues: [{ path: "" }] },
    { status: "error", code: "invalid_input", issues: [{ path: "surprise", message: "unknown field" }] },
    { status: "error", code: "invalid_input", issues: [{ path: "deliverAt", message: "must be in the future" }] },
    { status: "accepted" },
  ]);
  expect(api.state.events.size).toBe(2);
});

test("repeats and conflicts inside one batch are found", async () => {
  const answer = await batch([
    { ...good(1), eventId: "x" },
    { ...good(1), eventId: "x" },
    { ...good(2), eventId: "x" },
  ]);
  expect(answer.at("results")).toMatchObject([
    { status: "accepted", duplicate: false },
    { status: "accepted", duplicate: true, id: answer.textAt("results.0.id") },
    { status: "error", code: "event_conflict" },
  ]);
});

test.each([
  ["no events", []],
  ["more than 500 events", Array.from({ length: 501 }, (_, n) => good(n))],
  ["something else than a list", { 0: good(1) }],
])("a batch of %s is refused as a whole", async (_what, events) => {
  const answer = await batch(events);
  expect(answer.status).toBe(400);
  expect(answer.at("issues.0.path")).toBe("events");
  expect(api.state.events.size).toBe(0);
});

test("500 events go through in one request", async () => {
  const answer = await batch(Array.from({ length: 500 }, (_, n) => good(n)));
  expect(answer.status).toBe(202);
  expect(api.state.events.size).toBe(500);
});

test("a batch of which nothing could be stored is answered with 503, to be sent again", async () => {
  await api.call("GET", "/v1/events");
  api.state.isDown = true;
  const answer = await batch([good(1), good(2)]);
  api.state.isDown = false;
  expect(answer.status).toBe(503);
  expect(answer.at("code")).toBe("store_unavailable");
});
