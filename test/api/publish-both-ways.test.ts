/** The short way of publishing answers, does and says what the long one does: byte for byte, but for ids and times. */
import { ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { PosthornError } from "../../core/errors.js";
import { openBothWays } from "../support/both-ways.js";
import type { BothWays } from "../support/both-ways.js";

const BODY_BYTES_MAX = 4_000;
let ways: BothWays;
beforeAll(async () => {
  // Limits are counted in time: both ways are asked at the same moment. Stores keep no time of their own.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 10, 22, 15) });
  const own = { application: "default" } as const;
  ways = await openBothWays(
    {
      full: own,
      reader: { ...own, scopes: ["events:read"] },
      limited: { ...own, rateLimitPerSecond: 1 },
      expired: { ...own, expiresAt: new Date(Date.UTC(2026, 0)) },
      unseen: own,
      admin: { application: null },
    },
    { bodyBytesMax: BODY_BYTES_MAX, trustedProxies: ["127.0.0.1"] },
  );
  // From here on these keys are known for as long as the clock stands still.
  for (const key of ["full", "reader", "admin"]) await ways.ask(post("{}", [`Authorization: Bearer <${key}>`]));
});
afterAll(async () => {
  await ways.close();
  vi.useRealTimers();
});

const KEY = "Authorization: Bearer <full>";
const JSON_TYPE = "Content-Type: application/json";
const EVENT = '{"eventType":"a.b","payload":{"n":1}}';

/** A whole request after which the connection ends; `null` for a body that is not sent at all. */
function request(start: string, headers: readonly string[], body: string | null): string {
  const length = body === null ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const lines = [`${start} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers, ...length];
  // The wire writes Latin-1.
  return `${lines.join("\r\n")}\r\n\r\n${Buffer.from(body ?? "").toString("latin1")}`;
}

function post(body: string | null, headers: readonly string[] = [KEY], path = "/v1/events"): string {
  return request(`POST ${path}`, [...headers, JSON_TYPE], body);
}

const event = (more: Record<string, unknown>): string => JSON.stringify({ eventType: "a.b", payload: {}, ...more });
const batch = (events: unknown): string => JSON.stringify({ events });
const nested = (levels: number): string =>
  `{"eventType":"a.b","payload":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}`;

const BODIES: [string, string | null][] = [
  ["an event", EVENT],
  [
    "one with everything",
    event({ eventId: "e-1", channels: ["c"], metadata: { a: "ü" }, deliverAt: "2026-11-23T00:00:00Z" }),
  ],
  [
    "the same again",
    event({ eventId: "e-1", channels: ["c"], metadata: { a: "ü" }, deliverAt: "2026-11-23T00:00:00Z" }),
  ],
  ["its eventId with other content", event({ eventId: "e-1", payload: { other: true } })],
  ["raw bytes", '{"eventType":"a.b","payloadBase64":"AAEC","contentType":"image/png"}'],
  ["raw bytes without a type", '{"eventType":"a.b","payloadBase64":"AAEC"}'],
  ["both kinds of payload", event({ payloadBase64: "AAEC" })],
  ["a payload with a type", event({ contentType: "a/b" })],
  ["no payload", '{"eventType":"a.b"}'],
  ["a time that is over", event({ deliverAt: "2020-01-01T00:00:00Z" })],
  ["a time that is none", event({ deliverAt: "tomorrow" })],
  ["endpoints that do not exist", event({ endpointIds: ["ep_1", "ep_000000000000000000000000000"] })],
  ["its own application", event({ application: "default" })],
  ["another application", event({ application: "operator" })],
  ["an application that does not exist", event({ application: "nöbody" })],
  ["fields nobody knows", event({ ünknown: 1, more: 2 })],
  [
    "everything wrong at once",
    '{"eventType":1,"payload":[],"channels":["a","a"],"metadata":{"a":1},"eventId":"msg_1"}',
  ],
  ["a list", "[]"],
  ["null", "null"],
  ["a text", '"a"'],
  ["an empty object", "{}"],
  ["an empty body", ""],
  ["no body", null],
  ["half of a body", '{"eventType"'],
  ["a byte order mark", `\uFEFF${EVENT}`],
  ["the poisonous key", '{"eventType":"a.b","payload":{},"__proto__":{}}'],
  ["the poisonous key in the payload", '{"eventType":"a.b","payload":{"a":[{"__proto__":{}}]}}'],
  ["a number beyond all bounds", '{"eventType":"a.b","payload":{"a":[1,{"b":1e400}]}}'],
  ["a payload of 64 levels", nested(64)],
  ["a payload of 65 levels", nested(65)],
  ["the largest body", event({ payload: { a: "x".repeat(BODY_BYTES_MAX - event({ payload: { a: "" } }).length) } })],
  ["one byte more", event({ payload: { a: "x".repeat(BODY_BYTES_MAX - event({ payload: { a: "" } }).length + 1) } })],
];

test.each(BODIES)("the body is %s", async (_what, body) => {
  const { short, long } = await ways.ask(post(body));
  expect(short).toEqual(long);
});

test.each([
  ["events", batch([{ eventType: "a.b", payload: {} }, { eventType: 1 }, null, { eventType: "a", payload: {}, x: 1 }])],
  [
    "a repetition",
    batch([
      { eventType: "a.b", payload: {}, eventId: "r" },
      { eventType: "a.c", payload: {}, eventId: "r" },
    ]),
  ],
  ["no events", batch([])],
  ["too many events", batch(Array.from({ length: 501 }, () => 1))],
  ["no list", batch({})],
  ["another field", '{"events":[{}],"x":1}'],
  ["another application", '{"events":[{}],"application":"operator"}'],
  ["no JSON", "x"],
])("a batch has %s", async (_what, body) => {
  const { short, long } = await ways.ask(post(body, [KEY], "/v1/events/batch"));
  expect(short).toEqual(long);
});

test.each([
  ...["", "?", "?application=default", "?application=operator", "?application=n%C3%B6body", "?application="],
  ...[
    "?application=a&application=b",
    "?x=1&y=2",
    "?__proto__=1",
    "?eventType=a.b",
    "?application=%zz",
    "?application=default#x",
  ],
])("the query is %s", async (query) => {
  for (const key of ["full", "admin"]) {
    for (const body of [EVENT, event({ application: "default" })]) {
      const { short, long } = await ways.ask(post(body, [`Authorization: Bearer <${key}>`], `/v1/events${query}`));
      expect(short).toEqual(long);
    }
  }
});

test.each<[string, string[]]>([
  ["no key", []],
  ["a key that is none", ["Authorization: Bearer nonsense"]],
  ["no Bearer", ["Authorization: Basic <full>"]],
  ["a key of 600 characters", [`Authorization: Bearer ${"x".repeat(600)}`]],
  ["a key in its other header", ["X-Api-Key: <full>"]],
  ["two keys there", ["X-Api-Key: <full>", "X-Api-Key: <admin>"]],
  ["a key in both", ["Authorization: bearer   <full> ", "X-Api-Key: nonsense"]],
  ["a key that came never before", ["Authorization: Bearer <unseen>"]],
  ["a key that has expired", ["Authorization: Bearer <expired>"]],
  ["a key without the scope", ["Authorization: Bearer <reader>"]],
  ["an admin's key", ["Authorization: Bearer <admin>"]],
  ["a key that is none, from behind a proxy", ["Authorization: Bearer nonsense", "X-Forwarded-For: 203.0.113.9"]],
])("the request has %s", async (_what, headers) => {
  for (const body of [EVENT, "x", "x".repeat(2 * BODY_BYTES_MAX)]) {
    const { short, long } = await ways.ask(post(body, headers));
    expect(short).toEqual(long);
  }
});

test("a key's limit is one for both paths of publishing and for all others", async () => {
  const statuses: (number | undefined)[] = [];
  for (const start of ["POST /v1/events", "GET /v1/applications", "POST /v1/events", "POST /v1/events/batch"]) {
    const { short, long } = await ways.ask(request(start, ["Authorization: Bearer <limited>", JSON_TYPE], EVENT));
    expect(short).toEqual(long);
    statuses.push(short.status);
  }
  expect(statuses).toEqual([202, 403, 429, 429]);
});

test.each<[string, string[]]>([
  ["none", []],
  ["text/plain", ["Content-Type: text/plain"]],
  ["JSON in another charset", [`${JSON_TYPE}; charset=latin1`]],
  ["JSON in UTF-8", [`${JSON_TYPE}; charset="UTF-8"`]],
  ["JSON of a kind", ["Content-Type: application/cloudevents+json"]],
  ["JSON, compressed", [JSON_TYPE, "Content-Encoding: gzip"]],
  ["JSON, of a careful client", [JSON_TYPE, "Expect: 100-continue"]],
  ["JSON, of a client that expects more", [JSON_TYPE, "Expect: the unexpected"]],
  ["JSON, of a client that wants to talk differently", [JSON_TYPE, "Connection: Upgrade", "Upgrade: websocket"]],
  ["JSON, with an id of the caller", [JSON_TYPE, "X-Request-Id: trace-1234567"]],
  ["JSON, with an id that is none", [JSON_TYPE, "X-Request-Id: <script>"]],
  ["JSON, with two ids", [JSON_TYPE, "X-Request-Id: trace-1234567", "X-Request-Id: trace-1234568"]],
  ["JSON, with 101 headers", [JSON_TYPE, ...Array.from({ length: 101 }, (_, n) => `x-${n}: y`)]],
  ["JSON, with a host that has credentials", [JSON_TYPE, "Host: user@localhost"]],
])("the content type is %s", async (_what, headers) => {
  for (const body of [EVENT, ""]) {
    const { short, long } = await ways.ask(request("POST /v1/events", [KEY, ...headers], body));
    expect(short).toEqual(long);
  }
});

const TARGETS = [
  ...[
    "/v1/events/",
    "/V1/events",
    "/v1//events",
    "//v1/events",
    "/v1/events;a",
    "/v1/%65vents",
    "/v1/events#a",
    "/v1/event",
  ],
  ...["/v1/events/batch", "/v1/events/batch/", "/v1/events/batch?x=1", "/v1/events/constructor", "/v1/events/%zz", "*"],
  ...[
    "http://localhost/v1/events",
    "http://user:password@localhost/v1/events?application=default",
    "/v1/events",
    "v1/events",
  ],
  `/v1/events?application=${"x".repeat(9_000)}`,
];

test.each(TARGETS.map((it) => [it.slice(0, 60), it] as const))("the target is %s", async (_start, target) => {
  for (const method of ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]) {
    const body = method === "GET" || method === "HEAD" ? null : EVENT;
    const { short, long } = await ways.ask(request(`${method} ${target}`, [KEY, JSON_TYPE], body));
    expect(short).toEqual(long);
  }
});

const HEAD = `POST /v1/events HTTP/1.1\r\nHost: localhost\r\n${KEY}\r\n${JSON_TYPE}\r\n`;
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;

test.each([
  ["in chunks", `${CHUNKED}5\r\n{"eve\r\n20\r\nntType":"a.b","payload":{"n":1}}\r\n0\r\n\r\n`],
  ["in chunks that are too many", `${CHUNKED}${`400\r\n${"x".repeat(1024)}\r\n`.repeat(5)}0\r\n\r\n`],
  ["in chunks that are none", `${CHUNKED}x\r\n\r\n`],
  ["twice on one connection", `${HEAD}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}${post(EVENT)}`],
  ["after a refusal on the same connection", `${HEAD}Content-Length: 1\r\n\r\nx${post(EVENT)}`],
  ["as HTTP/1.0", post(EVENT).replace("HTTP/1.1", "HTTP/1.0")],
  ["with bytes that are no UTF-8", post(EVENT).replace('"n"', '"\xff"')],
  ["with two lengths", post(EVENT, [KEY, "Content-Length: 5"])],
])("it comes %s", async (_how, bytes) => {
  const { short, long } = await ways.ask(bytes);
  expect(short).toEqual(long);
});

test.each<[string, Error]>([
  ["a bug", new Error("cannot connect to mongodb://root:hunter2@10.0.0.7")],
  ["an error that looks like one of HTTP", Object.assign(new Error("a teapot"), { status: 418 })],
  [
    "an error with issues",
    Object.assign(new Error("not ours"), { issues: [{ code: "custom", path: ["a"], message: "b" }] }),
  ],
  ["one that wraps ours", new Error("wrapped", { cause: new PosthornError("conflict") })],
  ["too much work", new PosthornError("overloaded")],
  ["an absence", new PosthornError("store_unavailable")],
  ["a fault that says so", new PosthornError("internal", "secret")],
])("the store fails with %s", async (_what, fault) => {
  for (const way of [ways.short, ways.long]) way.state.fault = fault;
  for (const path of ["/v1/events", "/v1/events/batch"]) {
    const body = path === "/v1/events" ? EVENT : `{"events":[${EVENT}]}`;
    const { short, long } = await ways.ask(post(body, [KEY], path));
    expect(short).toEqual(long);
  }
  for (const way of [ways.short, ways.long]) way.state.fault = null;
});

test.each<[string, string[]]>([
  ["a program on this machine", []],
  ["a page of another site", ["Origin: https://evil.example"]],
  ["another name of this machine", ["Host: evil.example"]],
  ["somebody behind a proxy", ["X-Forwarded-For: 203.0.113.9"]],
  ["a program that sends a wrong key", ["X-Api-Key: nonsense"]],
])("in dev, where no key is needed, %s publishes", async (_who, headers) => {
  const open = await openBothWays({}, { openAccess: "loopback-admin" });
  for (const body of [EVENT, "x"]) {
    const { short, long } = await open.ask(post(body, headers));
    expect(short).toEqual(long);
  }
  await open.close();
});

const PAGE = "https://admin.example.com";

test.each<[string, string[], boolean]>([
  ["a page of that origin", [`Origin: ${PAGE}`], true],
  ["a page of another site", ["Origin: https://evil.example"], false],
  ["a page of another port", [`Origin: ${PAGE}:8443`], false],
  ["one that writes it differently", ["Origin: https://ADMIN.example.com"], false],
  ["one that names it twice", [`Origin: ${PAGE}`, `Origin: ${PAGE}`], false],
  ["a sandboxed frame", ["Origin: null"], false],
  ["a program", [], false],
])("where pages of one origin may call, %s publishes", async (_who, headers, may) => {
  const bounds = { application: "default" } as const;
  const pages = await openBothWays(
    { full: bounds, reader: { ...bounds, scopes: ["events:read"] }, limited: { ...bounds, rateLimitPerSecond: 1 } },
    { corsOrigins: [PAGE], bodyBytesMax: BODY_BYTES_MAX },
  );
  for (const key of ["full", "reader", "limited"]) await pages.ask(post("{}", [`Authorization: Bearer <${key}>`]));
  for (const key of ["full", "reader", "limited", "limited", "wrong"]) {
    const asked = [`X-Api-Key: <${key}>`, ...headers];
    for (const bytes of [
      post(EVENT, asked),
      post(`{"events":[${EVENT},1]}`, asked, "/v1/events/batch"),
      post("x", asked),
      post("x".repeat(2 * BODY_BYTES_MAX), asked),
      post(EVENT, asked, `/v1/events?text=${"x".repeat(9_000)}`),
      request("POST /v1/events", [...asked, "Content-Type: text/plain"], EVENT),
      request("GET /v1/events", asked, null),
      request("PUT /v1/events", asked, EVENT),
      request("OPTIONS /v1/events", [...asked, "Access-Control-Request-Method: POST"], null),
      request("OPTIONS /v1/events", asked, null),
    ]) {
      const { short, long } = await pages.ask(bytes);
      expect(short).toEqual(long);
      expect(short.text.includes(`access-control-allow-origin: ${PAGE}\r\n`)).toBe(may);
      expect(short.text.includes("access-control-")).toBe(may);
    }
  }
  const touched = vi.spyOn(ServerResponse.prototype, "setHeader");
  expect((await pages.askShort(post(EVENT, [KEY, ...headers]))).status).toBe(202);
  expect(touched).not.toHaveBeenCalled();
  touched.mockRestore();
  await pages.close();
});

test("the short way is taken: nothing of Express touches the answer", async () => {
  const touched = vi.spyOn(ServerResponse.prototype, "setHeader");
  for (const [path, body] of Object.entries({ "/v1/events": EVENT, "/v1/events/batch": `{"events":[${EVENT}]}` })) {
    expect((await ways.askShort(post(body, [KEY], path))).status).toBe(202);
  }
  expect(touched).not.toHaveBeenCalled();
  touched.mockRestore();
});
