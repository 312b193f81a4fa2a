/** Messages with Metriport's envelope: the bytes that are stored, and what a repeat of a request comes to. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";
import { aText, textLike } from "../support/matchers.js";

const PATH = "/v1/metriport/messages";
const MESSAGE_ID = "7b0e5e0a-2c34-4b1f-9d1e-0f6a5b7c8d9e";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MESSAGE = { type: "devices.provider-connected", payload: { users: [{ userId: "u1" }], z: 1, a: "é" } };

let api: ApiServer;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const publish = (body: object): Promise<Answer> => api.call("POST", PATH, { body });
const storedText = (id: string): string => Buffer.from(api.state.events.get(id)?.payload ?? []).toString();

test("a message is stored as it will be sent: meta first, then the payload in its own order", async () => {
  const answer = await publish(MESSAGE);
  expect(answer.status).toBe(202);
  expect(answer.body).toEqual({
    id: textLike(/^msg_/),
    messageId: textLike(UUID),
    eventType: MESSAGE.type,
    duplicate: false,
    createdAt: aText,
  });
  const [id, messageId, createdAt] = [answer.textAt("id"), answer.textAt("messageId"), answer.textAt("createdAt")];
  expect(storedText(id)).toBe(
    `{"meta":{"messageId":"${messageId}","when":"${createdAt}","type":"devices.provider-connected"},` +
      `"users":[{"userId":"u1"}],"z":1,"a":"é"}`,
  );
  expect(api.state.events.get(id)).toMatchObject({
    eventId: null,
    eventType: MESSAGE.type,
    contentType: "application/json",
    channels: [],
    test: false,
  });
  expect(api.headStarts.begun).toEqual([id]);
  expect(api.engine.dispatched).toEqual([id]);
});

test("requestId and data have their places in meta", async () => {
  const answer = await publish({ ...MESSAGE, data: { b: "2", a: "1" }, requestId: "req-1", messageId: MESSAGE_ID });
  expect(answer.at("messageId")).toBe(MESSAGE_ID);
  expect(storedText(answer.textAt("id"))).toBe(
    `{"meta":{"messageId":"${MESSAGE_ID}","requestId":"req-1","when":"${answer.textAt("createdAt")}",` +
      `"type":"devices.provider-connected","data":{"b":"2","a":"1"}},"users":[{"userId":"u1"}],"z":1,"a":"é"}`,
  );
});

test("two messages without a messageId are two messages", async () => {
  const [one, two] = [await publish(MESSAGE), await publish(MESSAGE)];
  expect(one.at("messageId")).not.toBe(two.at("messageId"));
  expect(api.state.events.size).toBe(2);
});

test("the same messageId with the same content is accepted once, also a while later", async () => {
  const message = { ...MESSAGE, data: { a: "1" }, requestId: "r", messageId: MESSAGE_ID };
  const first = await publish(message);
  api.advance(3_600_000);
  const again = await publish(message);
  expect(again.status).toBe(202);
  expect(again.body).toEqual({ ...(first.body as object), duplicate: true });
  expect(api.state.events.size).toBe(1);
  expect(api.engine.dispatched).toHaveLength(1);
});

test.each([
  ["another type", { type: "devices.provider-disconnected" }],
  ["another payload", { payload: { users: [] } }],
  ["other data", { data: { a: "2" } }],
  ["no data", { data: undefined }],
  ["another requestId", { requestId: "s" }],
])("the same messageId with %s is a conflict and stores nothing", async (_, change) => {
  const message = { ...MESSAGE, data: { a: "1" }, requestId: "r", messageId: MESSAGE_ID };
  await publish(message);
  const answer = await publish({ ...message, ...change });
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({ code: "event_conflict", issues: [{ path: "messageId" }] });
  expect(api.state.events.size).toBe(1);
});

test("a type that an application has registered is known there, until it is archived", async () => {
  const message = { type: "custom.thing", payload: {} };
  const unknown = await publish(message);
  expect(unknown.status).toBe(400);
  expect(unknown.at("issues.0")).toEqual({
    path: "type",
    message: '"custom.thing" is not known here; POST /v1/event-types registers it',
  });
  await api.call("POST", "/v1/event-types", { body: { name: "custom.thing" } });
  expect((await publish(message)).status).toBe(202);
  await api.call("POST", "/v1/applications", { body: { name: "x", uid: "other" } });
  expect((await publish({ ...message, application: "other" })).status).toBe(400);
  await api.call("DELETE", "/v1/event-types/custom.thing");
  expect((await publish(message)).status).toBe(400);
  expect(api.state.events.size).toBe(1);
});

const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, "v"]));

test.each<[string, object, string]>([
  ["no type", { type: undefined }, "type"],
  ["a type that is none", { type: "a b" }, "type"],
  ["an unknown type", { type: "medical.gossip" }, "type"],
  ["a ping", { type: "ping" }, "type"],
  ["no payload", { payload: undefined }, "payload"],
  ["a payload that is a list", { payload: [] }, "payload"],
  ["a payload that is a text", { payload: "{}" }, "payload"],
  ["a payload with meta", { payload: { meta: {}, users: [] } }, "payload.meta"],
  ["51 pairs of data", { data: pairs(51) }, "data"],
  ["a data key of 41 characters", { data: { ["k".repeat(41)]: "v" } }, `data.${"k".repeat(41)}`],
  ["a data value of 501 characters", { data: { k: "v".repeat(501) } }, "data.k"],
  ["a data value that is no text", { data: { k: 1 } }, "data.k"],
  ["data that is a list", { data: ["a"] }, "data"],
  ["an empty requestId", { requestId: "" }, "requestId"],
  ["a requestId of 257 characters", { requestId: "r".repeat(257) }, "requestId"],
  ["a messageId that is no UUID", { messageId: "m-1" }, "messageId"],
  ["an unknown field", { eventType: "x.y" }, "eventType"],
  ["channels", { channels: ["c"] }, "channels"],
])("%s is refused and stores nothing", async (_, change, path) => {
  const answer = await publish({ ...MESSAGE, ...change });
  expect({ status: answer.status, code: answer.at("code"), path: answer.at("issues.0.path") }).toEqual({
    status: 400,
    code: "invalid_input",
    path,
  });
  expect(api.state.events.size).toBe(0);
});

test("data may have 50 pairs, keys of 40 and values of 500 characters", async () => {
  const data = { ...pairs(49), ["k".repeat(40)]: "v".repeat(500) };
  expect((await publish({ ...MESSAGE, data })).status).toBe(202);
});

test("messages of one application are none of another, and its key names no other", async () => {
  const closed = await startApi({ openAccess: "closed" });
  const admin = closed.keyFor(null);
  const make = async (uid: string) =>
    (await closed.call("POST", "/v1/applications", { key: admin, body: { name: uid, uid } })).textAt("id");
  const [one, two] = [await make("cx-1"), await make("cx-2")];
  const body = { ...MESSAGE, messageId: MESSAGE_ID };
  const [mine, theirs] = await Promise.all(
    [one, two].map((id) => closed.call("POST", PATH, { key: closed.keyFor(id), body })),
  );
  expect([mine?.at("duplicate"), theirs?.at("duplicate")]).toEqual([false, false]);
  const foreign = await closed.call("POST", PATH, { key: closed.keyFor(two), body: { ...body, application: "cx-1" } });
  expect(foreign.status).toBe(404);
  expect((await closed.call("POST", PATH, { body })).status).toBe(401);
  expect([...closed.state.events.values()].map((it) => it.applicationId)).toEqual([one, two]);
  await closed.close();
});

test("a store that is away accepts nothing", async () => {
  api.state.isDown = true;
  expect((await publish(MESSAGE)).status).toBe(503);
  api.state.isDown = false;
  expect(api.state.events.size).toBe(0);
});
