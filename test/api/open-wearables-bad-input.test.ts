/** What Open Wearables' API refuses: the right code, one sentence, and nothing changed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer, CallOptions } from "../support/api-server.js";
import { textLike } from "../support/matchers.js";

const BASE = "/api/v1/webhooks";
const UNKNOWN = "ep_000000000000000000000000000";
let api: ApiServer;
let id: string;
beforeAll(async () => {
  api = await startApi({ bodyBytesMax: 20_000 });
  const body = { url: "https://a.example/", filter_types: ["sleep.created"], user_id: "u_1" };
  id = (await api.call("POST", `${BASE}/endpoints`, { body })).textAt("id");
});
afterAll(() => api.close());

interface Row {
  what: string;
  method: string;
  path: string;
  send?: CallOptions;
  status?: number;
  detail: RegExp;
}

const HOOK = { url: "https://a.example/" };

/** For both routes that take the fields of an endpoint. */
const field = (what: string, fields: object, detail: RegExp): Row[] => [
  { what: `${what}, new`, method: "POST", path: "/endpoints", send: { body: { ...HOOK, ...fields } }, detail },
  { what: `${what}, changed`, method: "PATCH", path: "/endpoints/:id", send: { body: fields }, detail },
];

/** For both lists. */
const query = (text: string, detail: RegExp): Row[] =>
  ["/messages", "/endpoints/:id/attempts"].map((path) => ({
    what: `${path} with ${text.slice(0, 60)}`,
    method: "GET",
    path: `${path}?${text}`,
    detail,
  }));

const post = (what: string, path: string, send: CallOptions, detail: RegExp): Row => ({
  what,
  method: "POST",
  path: `/endpoints/:id/${path}`,
  send,
  detail,
});

const malformed: Row[] = [
  { method: "POST", path: "/endpoints" },
  { method: "PATCH", path: "/endpoints/:id" },
  { method: "POST", path: "/endpoints/:id/test" },
  { method: "POST", path: "/endpoints/:id/secret/rotate" },
].flatMap((route) => [
  {
    ...route,
    what: `half a JSON text, ${route.path}`,
    send: { raw: '{"url":' },
    detail: /^The request body is not JSON/,
  },
  {
    ...route,
    what: `no UTF-8, ${route.path}`,
    send: { raw: new Uint8Array([123, 0xff, 125]) },
    detail: /^The request body is not JSON/,
  },
  { ...route, what: `a list, ${route.path}`, send: { raw: "[]" }, detail: /expected object/ },
  {
    ...route,
    what: `too many bytes, ${route.path}`,
    send: { raw: " ".repeat(20_001) },
    status: 413,
    detail: /larger than/,
  },
]);

const unknown: Row[] = [
  ["GET", ""],
  ["PATCH", ""],
  ["DELETE", ""],
  ["GET", "/secret"],
  ["POST", "/secret/rotate"],
  ["POST", "/test"],
  ["POST", "/enable"],
  ["POST", "/disable"],
  ["GET", "/attempts"],
].flatMap(([method = "", rest = ""]) =>
  [UNKNOWN, "nobody", "x".repeat(300), "%00", "__proto__"].map((other) => ({
    what: `${method} ${rest} of ${other.slice(0, 30)}`,
    method,
    path: `/endpoints/${other}${rest}`,
    status: 404,
    detail: /^There is no endpoint "/,
  })),
);

const rows: Row[] = [
  { what: "no URL", method: "POST", path: "/endpoints", detail: /^url: / },
  { what: "null as the URL", method: "POST", path: "/endpoints", send: { body: { url: null } }, detail: /^url: / },
  ...field("a number as the URL", { url: 7 }, /^url: /),
  ...field("a URL that is none", { url: "nonsense" }, /^url: must be an http or https URL$/),
  ...field("a long URL", { url: `https://a.example/${"x".repeat(2048)}` }, /^url: /),
  ...field("a number as the description", { description: 7 }, /^description: /),
  ...field("a long description", { description: "x".repeat(501) }, /^description: /),
  ...field("a text as the types", { filter_types: "sleep.created" }, /^filter_types: /),
  ...field("a number as a type", { filter_types: ["sleep.created", 7] }, /^filter_types\[1\]: /),
  ...field("an unknown type", { filter_types: ["no.such"] }, /^filter_types: there is no event type "no\.such"$/),
  ...field("a pattern", { filter_types: ["sleep.*"] }, /^filter_types: there is no event type "sleep\.\*"$/),
  ...field("a long type", { filter_types: ["x".repeat(257)] }, /^filter_types\[0\]: /),
  ...field("many types", { filter_types: Array.from({ length: 501 }, (_, n) => `t.${n}`) }, /^filter_types: /),
  ...field("a number as the user", { user_id: 7 }, /^user_id: /),
  ...field("no character as the user", { user_id: "" }, /^user_id: /),
  ...field("a user with a blank", { user_id: "u 1" }, /^user_id: /),
  ...field("a user with a line break", { user_id: "u_1\n" }, /^user_id: /),
  ...field("a long user", { user_id: "x".repeat(124) }, /^user_id: /),
  ...query("limit=0", /^limit: /),
  ...query("limit=251", /^limit: /),
  ...query("limit=abc", /^limit: /),
  ...query("limit=1.5", /^limit: /),
  ...query("limit=", /^limit: /),
  ...query("before=garbage", /^before: /),
  ...query("after=2026-13-01T00:00:00Z", /^after: /),
  ...query(`after=${"1".repeat(100)}`, /^after: /),
  ...query("iterator=garbage", /^iterator: /),
  ...query("iterator=", /^iterator: /),
  ...query("iterator=-", /^iterator: /),
  ...query(`iterator=--msg_${"0".repeat(27)}`, /^iterator: /),
  ...query(`iterator=ep_${"0".repeat(27)}`, /^iterator: /),
  ...query(`iterator=${"x".repeat(2_000)}`, /^iterator: /),
  {
    what: "an iterator of attempts",
    method: "GET",
    path: `/messages?iterator=atmpt_${"0".repeat(27)}`,
    detail: /^iter/,
  },
  {
    what: "an iterator of messages",
    method: "GET",
    path: `/endpoints/:id/attempts?iterator=msg_${"0".repeat(27)}`,
    detail: /^iterator: /,
  },
  ...["4", "-1", "abc", ""].map((status) => ({
    what: `attempts with the status ${status}`,
    method: "GET",
    path: `/endpoints/:id/attempts?status=${status}`,
    detail: /^status: /,
  })),
  {
    what: "types in one",
    method: "GET",
    path: "/endpoints/:id/attempts?event_types=a,b",
    detail: /^event_types\[0\]: /,
  },
  post("a number as the type", "test", { body: { event_type: 7 } }, /^event_type: /),
  post(
    "an unknown type",
    "test",
    { body: { event_type: "no.such" } },
    /^event_type: there is no event type "no\.such"$/,
  ),
  post("a long type", "test", { body: { event_type: "x".repeat(257) } }, /^event_type: /),
  post("a key that is none", "secret/rotate", { body: { key: "nonsense" } }, /^key: /),
  post("a number as the key", "secret/rotate", { body: { key: 7 } }, /^key: /),
  post("a long key", "secret/rotate", { body: { key: "x".repeat(257) } }, /^key: /),
  post("a long grace", "secret/rotate", { body: { grace_period_seconds: 604_801 } }, /^grace_period_seconds: /),
  post("a text as the grace", "secret/rotate", { body: { grace_period_seconds: "1" } }, /^grace_period_seconds: /),
  ...malformed,
  ...unknown,
];

test.each(rows)("$what: refused with detail alone, and nothing has changed", async (row) => {
  const before = { ...api.state.census(), endpoint: { ...api.state.endpoints.get(id) } };
  const commands = api.engine.commands.length;
  const answer = await api.call(row.method, BASE + row.path.replace(":id", id), row.send);
  expect([answer.status, answer.body]).toStrictEqual([row.status ?? 400, { detail: textLike(row.detail) }]);
  expect({ ...api.state.census(), endpoint: { ...api.state.endpoints.get(id) } }).toStrictEqual(before);
  expect(api.engine.commands).toHaveLength(commands);
});

test.each([
  ["PUT", "/webhooks/endpoints", "GET, POST"],
  ["POST", "/webhooks/endpoints/:id", "GET, PATCH, DELETE"],
  ["POST", "/webhooks/endpoints/:id/secret", "GET"],
  ["GET", "/webhooks/endpoints/:id/secret/rotate", "POST"],
  ["GET", "/webhooks/endpoints/:id/test", "POST"],
  ["GET", "/webhooks/endpoints/:id/enable", "POST"],
  ["GET", "/webhooks/endpoints/:id/disable", "POST"],
  ["POST", "/webhooks/endpoints/:id/attempts", "GET"],
  ["POST", "/webhooks/messages", "GET"],
  ["GET", `/webhooks/messages/msg_${"0".repeat(27)}/endpoints/:id/resend`, "POST"],
  ["POST", "/webhooks/event-types", "GET"],
  ["DELETE", "/config", "GET"],
])("%s %s is the wrong method", async (method, path, allow) => {
  const answer = await api.call(method, `/api/v1${path.replace(":id", id)}`);
  expect([answer.status, answer.body]).toStrictEqual([405, { detail: "Method Not Allowed" }]);
  expect(answer.headers.get("allow")).toBe(allow);
});

test.each(["/webhooks/nothing", "/webhooks", "/nothing", "/webhooks/endpoints/a/b/c"])(
  "%s is no path",
  async (path) => {
    const answer = await api.call("GET", `/api/v1${path}`);
    expect([answer.status, answer.body]).toStrictEqual([404, { detail: "Not Found" }]);
  },
);

test("while the store or Temporal is away the answer is 503, with detail", async () => {
  api.state.isDown = true;
  const store = await api.call("GET", `${BASE}/endpoints`);
  api.state.isDown = false;
  api.engine.isDown = true;
  const engine = await api.call("DELETE", `${BASE}/endpoints/${id}`);
  api.engine.isDown = false;
  for (const answer of [store, engine]) {
    expect([answer.status, answer.body]).toEqual([503, { detail: textLike(/did not answer/) }]);
    expect(answer.headers.get("retry-after")).toBe("1");
  }
  expect(api.state.endpoints.has(id)).toBe(true);
});

test("an application that has all the endpoints it may have gets no other", async () => {
  const row = api.state.endpoints.get(id);
  if (row === undefined) throw new Error("the endpoint was created");
  for (let count = 1; count < 1000; count += 1) api.state.endpoints.set(`ep_${count}`, { ...row, id: `ep_${count}` });
  const answer = await api.call("POST", `${BASE}/endpoints`, { body: HOOK });
  expect([answer.status, answer.body]).toStrictEqual([400, { detail: "An application has at most 1000 endpoints." }]);
});
