import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../core/limits.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { textLike } from "../support/matchers.js";
import { until } from "../support/until.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  api.state.events.clear();
  api.state.endpoints.clear();
  api.headStarts.begun.length = 0;
  api.engine.dispatched.length = 0;
});
afterAll(() => api.close());

const publish = (body: Record<string, unknown>) => api.call("POST", "/v1/events", { body });
const EVENT = { eventType: "workout.created", payload: { user: "u_1", note: "grüße 🏃" } };

test("an accepted event is stored with the bytes and the hash of its payload before 202 is answered", async () => {
  const answer = await publish({ ...EVENT, eventId: "run-1", channels: ["user.1"], metadata: { source: "garmin" } });
  expect(answer.status).toBe(202);
  expect(answer.body).toEqual({
    id: textLike(/^msg_[0-9A-Za-z]{27}$/),
    eventId: "run-1",
    eventType: "workout.created",
    duplicate: false,
    createdAt: textLike(/^\d{4}-.*Z$/),
  });
  const stored = api.state.events.get(answer.textAt("id"));
  const bytes = JSON.stringify(EVENT.payload);
  expect(Buffer.from(stored?.payload ?? []).toString()).toBe(bytes);
  expect(stored?.contentHash).toBe(
    createHash("sha256").update(`workout.created\napplication/json\n`).update(bytes).digest("hex"),
  );
  expect(stored).toMatchObject({
    channels: ["user.1"],
    metadata: { source: "garmin" },
    contentType: "application/json",
  });
});

test("an event gets its head start and its dispatch after it is on disk", async () => {
  const answer = await publish(EVENT);
  const id = answer.textAt("id");
  expect(api.headStarts.begun).toEqual([id]);
  expect(api.engine.dispatched).toEqual([id]);
  expect(api.state.events.get(id)?.headStart?.processId).toBe("this-process");
});

test("the same eventId with the same content answers with the first event, and nothing is sent twice", async () => {
  const first = await publish({ ...EVENT, eventId: "e-1" });
  const second = await publish({ ...EVENT, eventId: "e-1", metadata: { retry: "1" } });
  expect(second.status).toBe(202);
  expect(second.body).toMatchObject({ id: first.textAt("id"), duplicate: true, createdAt: first.textAt("createdAt") });
  expect(api.engine.dispatched).toHaveLength(1);
  expect(api.headStarts.begun).toHaveLength(1);
});

test.each([
  ["another type", { eventType: "workout.deleted", payload: EVENT.payload }],
  ["other bytes", { eventType: EVENT.eventType, payload: { user: "u_2" } }],
  [
    "another content type",
    { eventType: EVENT.eventType, payloadBase64: btoa("{}"), contentType: "application/cloudevents+json" },
  ],
])("the same eventId with %s is refused with 409 and names the first event", async (_what, other) => {
  const first = await publish({ ...EVENT, eventId: "e-2" });
  const second = await publish({ ...other, eventId: "e-2" });
  expect(second.status).toBe(409);
  expect(second.at("code")).toBe("event_conflict");
  expect(second.textAt("message")).toContain(first.textAt("id"));
  expect(second.at("issues.0.path")).toBe("eventId");
  expect(api.state.events.size).toBe(1);
});

test("raw bytes are stored and shown as they were sent", async () => {
  const bytes = Buffer.from([0, 255, 1, 254, 10]);
  const answer = await publish({
    eventType: "blob.made",
    payloadBase64: bytes.toString("base64"),
    contentType: "application/octet-stream",
  });
  expect(answer.status).toBe(202);
  const got = await api.call("GET", `/v1/events/${answer.textAt("id")}`);
  expect(got.body).toMatchObject({
    payload: null,
    payloadBase64: bytes.toString("base64"),
    contentType: "application/octet-stream",
  });
});

test("raw bytes that are a JSON object are stored byte for byte", async () => {
  const text = '{ "a":1.0,\n "b" : 2 }';
  const answer = await publish({ eventType: "raw.json", payloadBase64: btoa(text), contentType: "application/json" });
  const stored = api.state.events.get(answer.textAt("id"));
  expect(Buffer.from(stored?.payload ?? []).toString()).toBe(text);
});

test("an event with deliverAt waits without a head start", async () => {
  const deliverAt = new Date(Date.now() + 60_000).toISOString();
  const answer = await publish({ ...EVENT, deliverAt });
  expect(answer.status).toBe(202);
  const stored = api.state.events.get(answer.textAt("id"));
  expect(stored).toMatchObject({ state: "scheduled", headStart: null });
  expect(stored?.deliverAt?.toISOString()).toBe(deliverAt);
  expect(api.engine.dispatched).toHaveLength(1);
  expect(api.headStarts.begun).toHaveLength(0);
});

test("endpointIds force receivers, and unknown ones are refused at their place", async () => {
  const endpoint = await api.call("POST", "/v1/endpoints", {
    body: { url: "https://a.example/", eventTypes: ["other.type"] },
  });
  const id = endpoint.textAt("id");
  const forced = await publish({ ...EVENT, endpointIds: [id] });
  expect(forced.status).toBe(202);
  const delivered = await until("delivered", async () => {
    const list = await api.call("GET", `/v1/deliveries?event=${forced.textAt("id")}`);
    return list.at("data.0.endpointId") === id;
  });
  expect(delivered).toBe(true);
  const refused = await publish({ ...EVENT, endpointIds: [id, "ep_000000000000000000000000000"] });
  expect(refused.status).toBe(400);
  expect(refused.at("issues")).toEqual([{ path: "endpointIds[1]", message: "there is no such endpoint" }]);
});

test("accepted events are counted once", async () => {
  const before = api.accepted.count;
  await publish({ ...EVENT, eventId: "counted" });
  await publish({ ...EVENT, eventId: "counted" });
  expect(api.accepted.count).toBe(before + 1);
});

test("a payload of a megabyte in base64 passes where the operator allows it", async () => {
  const large = await startApi({ bodyBytesMax: LIMITS.bodyBytesCeiling });
  const payloadBase64 = Buffer.alloc(3_500_000, 7).toString("base64");
  const answer = await large.call("POST", "/v1/events", {
    body: { eventType: "big", payloadBase64, contentType: "application/octet-stream" },
  });
  expect(answer.status).toBe(202);
  await large.close();
});

test("an accepted event reaches its endpoint while Temporal is down only later, but is answered with 202 now", async () => {
  api.engine.isDown = true;
  const answer = await publish(EVENT);
  api.engine.isDown = false;
  expect(answer.status).toBe(202);
});
