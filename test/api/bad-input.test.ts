import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer, CallOptions } from "../support/api-server.js";
import { aList, aText } from "../support/matchers.js";

let api: ApiServer;
let endpoint: string;
beforeAll(async () => {
  api = await startApi({ bodyBytesMax: 20_000 });
  endpoint = (await api.call("POST", "/v1/endpoints", { body: { url: "https://a.example/" } })).textAt("id");
});
afterAll(() => api.close());

const EVENT = { eventType: "a.b", payload: {} };
const HOOK = { url: "https://a.example/" };
const JSON_TYPE = { "content-type": "application/json" };

function nested(levels: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < levels; level += 1) value = { in: value };
  return value;
}

const lists = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

interface Row {
  what: string;
  method?: string;
  path: string;
  send: CallOptions;
  status: number;
  code: string;
  issue?: string;
}

const event = (what: string, fields: object, issue: string): Row => ({
  what,
  path: "/v1/events",
  send: { body: { ...EVENT, ...fields } },
  status: 400,
  code: "invalid_input",
  issue,
});
const bytes = (what: string, text: string, contentType = "application/json"): Row =>
  event(what, { payload: undefined, payloadBase64: btoa(text), contentType }, "payloadBase64");
const hook = (what: string, fields: object, issue: string): Row => ({
  what,
  path: "/v1/endpoints",
  send: { body: { ...HOOK, ...fields } },
  status: 400,
  code: "invalid_input",
  issue,
});
const query = (what: string, path: string, issue: string): Row => ({
  what,
  method: "GET",
  path,
  send: {},
  status: 400,
  code: "invalid_input",
  issue,
});
const raw = (what: string, send: CallOptions, status: number, code: string): Row => ({
  what,
  path: "/v1/events",
  send,
  status,
  code,
});

const rows: Row[] = [
  raw("half a JSON text", { raw: '{"eventType":', headers: JSON_TYPE }, 400, "malformed_json"),
  raw("bytes that are no UTF-8", { raw: new Uint8Array([123, 0xff, 125]), headers: JSON_TYPE }, 400, "malformed_json"),
  raw("a JSON list as the body", { raw: "[]", headers: JSON_TYPE }, 400, "invalid_input"),
  raw("null as the body", { raw: "null", headers: JSON_TYPE }, 400, "invalid_input"),
  raw(
    "a form",
    { raw: "eventType=a", headers: { "content-type": "application/x-www-form-urlencoded" } },
    415,
    "unsupported_media_type",
  ),
  raw("no content type", { raw: new Uint8Array(Buffer.from(JSON.stringify(EVENT))) }, 415, "unsupported_media_type"),
  raw(
    "another charset",
    { raw: "{}", headers: { "content-type": "application/json; charset=latin1" } },
    415,
    "unsupported_media_type",
  ),
  raw(
    "a compressed body",
    { raw: "{}", headers: { ...JSON_TYPE, "content-encoding": "gzip" } },
    415,
    "unsupported_media_type",
  ),
  raw("a body over the limit", { body: { ...EVENT, payload: { big: "x".repeat(20_000) } } }, 413, "payload_too_large"),
  event("an unknown field", { surprise: 1 }, "surprise"),
  event("an event type with a space", { eventType: "a b" }, "eventType"),
  event("an event type of 257 characters", { eventType: "a".repeat(257) }, "eventType"),
  event("a payload that is a list", { payload: [] }, "payload"),
  event("a payload that is a text", { payload: "{}" }, "payload"),
  event("a payload nested too deeply", { payload: nested(70) }, "payload"),
  event("both forms of payload", { payloadBase64: "AA==", contentType: "a/b" }, "payloadBase64"),
  event("no payload", { payload: undefined }, "payload"),
  event("broken base64", { payload: undefined, payloadBase64: "A", contentType: "a/b" }, "payloadBase64"),
  event("raw bytes without a content type", { payload: undefined, payloadBase64: "AA==" }, "contentType"),
  event(
    "a content type with a line break",
    { payload: undefined, payloadBase64: "AA==", contentType: "a/b\r\nx: y" },
    "contentType",
  ),
  bytes("raw JSON nested too deeply", lists(65)),
  bytes("raw JSON of more levels than a stack has", `{"a":${lists(7_000)}}`),
  bytes("raw JSON nested too deeply, with a charset", lists(65), "Application/JSON; charset=utf-8"),
  bytes("raw JSON of some kind nested too deeply", lists(65), "application/cloudevents+json;a=b"),
  bytes("raw JSON with the key __proto__", '{"__proto__":{"polluted":true}}'),
  bytes("raw JSON with the key __proto__ in other letters", '[{"\\u005f_proto__":1}]'),
  bytes("raw JSON with a number beyond all numbers", '{"n":1e400}'),
  event("deliverAt in the past", { deliverAt: "2020-01-01T00:00:00Z" }, "deliverAt"),
  event("deliverAt without an offset", { deliverAt: "2090-01-01T00:00:00" }, "deliverAt"),
  event("deliverAt 31 days ahead", { deliverAt: new Date(Date.now() + 31 * 86_400_000).toISOString() }, "deliverAt"),
  event("an eventId that looks like ours", { eventId: "msg_x" }, "eventId"),
  event("an eventId with a space", { eventId: "a b" }, "eventId"),
  event("eleven channels", { channels: Array.from({ length: 11 }, (_, n) => `c${n}`) }, "channels"),
  event("a channel named twice", { channels: ["c", "c"] }, "channels"),
  event("a channel with a colon", { channels: ["a:b"] }, "channels[0]"),
  event("metadata that is no text", { metadata: { n: 1 } }, "metadata.n"),
  event("metadata over 4096 bytes", { metadata: { n: "x".repeat(4_096) } }, "metadata"),
  event("no endpoint to force", { endpointIds: [] }, "endpointIds"),
  event("an endpoint that does not exist", { endpointIds: ["ep_1"] }, "endpointIds[0]"),
  hook("a URL that is none", { url: "not a url" }, "url"),
  hook("a URL with another scheme", { url: "ftp://a.example/" }, "url"),
  hook("a URL of 2049 characters", { url: `https://a.example/${"x".repeat(2_048)}` }, "url"),
  hook("a filter with a wildcard in the middle", { eventTypes: ["a.*.b"] }, "eventTypes[0]"),
  hook("a bare wildcard", { eventTypes: ["*"] }, "eventTypes[0]"),
  hook("a header that Posthorn sets", { headers: { Host: "x" } }, "headers.Host"),
  hook("a header given twice", { headers: { "x-a": "1", "X-A": "2" } }, 'headers["X-A"]'),
  hook("33 headers", { headers: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`x-${n}`, "v"])) }, "headers"),
  hook("a secret that is none", { secret: "hunter2" }, "secret"),
  hook("a profile that does not exist", { profile: "carrier-pigeon" }, "profile"),
  hook("a time-out of 31 seconds", { timeoutMs: 31_000 }, "timeoutMs"),
  hook("a time-out as text", { timeoutMs: "5000" }, "timeoutMs"),
  hook(
    "a schedule of 21 steps",
    { retryPolicy: { scheduleSeconds: Array(21).fill(1) } },
    "retryPolicy.scheduleSeconds",
  ),
  hook(
    "a schedule over a week",
    { retryPolicy: { scheduleSeconds: Array(8).fill(86_400) } },
    "retryPolicy.scheduleSeconds",
  ),
  hook("a negative wait", { retryPolicy: { scheduleSeconds: [-1] } }, "retryPolicy.scheduleSeconds[0]"),
  hook("a uid that looks like ours", { uid: "ep_x" }, "uid"),
  hook("a uid with a slash", { uid: "a/b" }, "uid"),
  query("a page of 251", "/v1/events?limit=251", "limit"),
  query("a page of nothing", "/v1/events?limit=0", "limit"),
  query("a page size in words", "/v1/events?limit=ten", "limit"),
  query("an empty page size", "/v1/events?limit=", "limit"),
  query("an unknown order", "/v1/events?order=sideways", "order"),
  query("an unknown query parameter", "/v1/events?colour=red", "colour"),
  query("a parameter given twice", "/v1/events?limit=1&limit=2", "limit"),
  query("a time that is none", "/v1/events?from=yesterday", "from"),
  query("an unknown status", "/v1/deliveries?status=lost", "status"),
  query("an HTTP class that does not exist", "/v1/deliveries?httpClass=1", "httpClass"),
  {
    ...query("a query beside a body", "/v1/endpoints?url=https://b.example/", "url"),
    method: "POST",
    send: { body: HOOK },
  },
];

test.each(rows)("$what is refused and changes nothing", async ({ method, path, send, status, code, issue }) => {
  const before = api.state.census();
  const answer = await api.call(method ?? "POST", path, send);
  expect({ status: answer.status, code: answer.at("code"), issue: answer.at("issues.0.path") }).toEqual({
    status,
    code,
    issue: issue ?? (code === "invalid_input" ? "" : undefined),
  });
  expect(answer.body).toEqual({
    code,
    message: aText,
    issues: aList,
    requestId: answer.headers.get("x-request-id"),
  });
  expect(api.state.census()).toEqual(before);
});

test.each(["__proto__", "constructor"])("a payload with the key %s never reaches a prototype", async (key) => {
  const answer = await api.call("POST", "/v1/events", {
    raw: `{"eventType":"a.b","payload":{"deep":{"${key}":{"polluted":true}}}}`,
    headers: JSON_TYPE,
  });
  expect(answer.status).toBe(key === "__proto__" ? 400 : 202);
  if (key === "__proto__") expect(answer.at("issues.0.path")).toBe("payload.deep.__proto__");
  expect(Reflect.get({}, "polluted")).toBeUndefined();
});

test("raw JSON that is refused is refused with the place that is wrong with it", async () => {
  const answer = await api.call("POST", "/v1/events", {
    body: {
      eventType: "a.b",
      payloadBase64: btoa('{"deep":[{"__proto__":{}}]}'),
      contentType: "application/json",
    },
  });
  expect(answer.at("issues")).toEqual([
    { path: "payloadBase64", message: "as JSON, at deep[0].__proto__: the key __proto__ is not allowed" },
  ]);
});

test.each([
  ["JSON of 64 levels", lists(64), "application/json"],
  ["half a JSON text", '{"__proto__":', "application/json"],
  ["no UTF-8", '{"__proto__":"\xff"}', "application/json"],
  ["JSON that calls itself something else", `{"__proto__":${lists(70)}}`, "text/plain"],
])("raw bytes that are %s are accepted and kept as they are", async (_what, text, contentType) => {
  const body = { eventType: "a.b", payloadBase64: btoa(text), contentType };
  const answer = await api.call("POST", "/v1/events", { body });
  expect(answer.status).toBe(202);
  expect(Buffer.from(api.state.events.get(answer.textAt("id"))?.payload ?? []).toString("latin1")).toBe(text);
});

test("__proto__ beside the fields is refused as an unknown field", async () => {
  const answer = await api.call("POST", "/v1/endpoints", {
    raw: '{"url":"https://a.example/","__proto__":{"x":1}}',
    headers: JSON_TYPE,
  });
  expect(answer.status).toBe(400);
  expect(answer.at("issues.0.path")).toBe("__proto__");
});

test.each([
  ["GET", "/v1/applications/app_000000000000000000000000000"],
  ["PATCH", "/v1/applications/nobody"],
  ["DELETE", "/v1/applications/nobody"],
  ["GET", "/v1/endpoints/ep_000000000000000000000000000"],
  ["PATCH", "/v1/endpoints/nobody"],
  ["DELETE", "/v1/endpoints/nobody"],
  ["POST", "/v1/endpoints/nobody/pause"],
  ["GET", "/v1/endpoints/nobody/secret"],
  ["POST", "/v1/endpoints/nobody/secret/rotate"],
  ["POST", "/v1/endpoints/nobody/test"],
  ["GET", "/v1/event-types/no.such"],
  ["PATCH", "/v1/event-types/no.such"],
  ["DELETE", "/v1/event-types/no.such"],
  ["GET", "/v1/events/msg_000000000000000000000000000"],
  ["GET", "/v1/events/nothing/explain"],
  ["POST", "/v1/events/nothing/cancel"],
  ["GET", "/v1/deliveries/nothing"],
  ["POST", "/v1/deliveries/nothing/resend"],
  ["POST", "/v1/deliveries/nothing/cancel"],
  ["GET", "/v1/attempts/nothing"],
  ["GET", "/v1/deliveries?endpoint=nobody"],
  ["GET", "/v1/attempts?event=nothing"],
  ["GET", "/v1/events?application=nobody"],
  ["GET", "/v1/no-such-path"],
  ["GET", "/nothing"],
])("%s %s of something unknown is answered with 404", async (method, path) => {
  const answer = await api.call(method, path, method === "PATCH" ? { body: {} } : {});
  expect(answer.status).toBe(404);
  expect(answer.at("code")).toBe("not_found");
});

test("a path with another method is answered with 405 and the methods that exist", async () => {
  const answer = await api.call("DELETE", "/v1/events");
  expect(answer.status).toBe(405);
  expect(answer.at("code")).toBe("method_not_allowed");
  expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(["GET", "POST"]);
});

test("a field of the body that contradicts the path is refused, one that repeats it is not", async () => {
  const other = await api.call("PATCH", `/v1/endpoints/${endpoint}`, { body: { id: "ep_other", description: "x" } });
  expect(other.status).toBe(400);
  expect(other.at("issues.0.path")).toBe("id");
  const same = await api.call("PATCH", `/v1/endpoints/${endpoint}`, { body: { id: endpoint, description: "x" } });
  expect(same.status).toBe(200);
});

test("a path that cannot be decoded is refused", async () => {
  const answer = await api.call("GET", "/v1/events/%ff");
  expect(answer.status).toBe(400);
  expect(answer.at("code")).toBe("invalid_input");
});

test("a body that says nothing of its size is refused as soon as it is too large", async () => {
  const chunks = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(10_000).fill(32));
    },
  });
  const request = { method: "POST", body: chunks, duplex: "half" as const, headers: JSON_TYPE };
  const outcome = await fetch(`${api.url}/v1/events`, request).then(
    (response) => response.status,
    () => "closed",
  );
  expect([413, "closed"]).toContain(outcome);
});

test("an action without a body needs no content type", async () => {
  const answer = await api.call("POST", `/v1/endpoints/${endpoint}/pause`);
  expect(answer.status).toBe(200);
  await api.call("POST", `/v1/endpoints/${endpoint}/resume`, { raw: "", headers: JSON_TYPE });
  expect(api.state.endpoints.get(endpoint)?.status).toBe("active");
});
