/** Pages of other sites, as browsers ask for them: a preflight without a key, then the request with its origin. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer, CallOptions } from "../support/api-server.js";

const PAGE = "https://admin.example.com";
const OTHER_PAGE = "http://localhost:3000";
const EVENT = { eventType: "a.b", payload: {} };

let api: ApiServer;
let key: string;
beforeAll(async () => {
  api = await startApi({ openAccess: "closed", corsOrigins: [PAGE, OTHER_PAGE] });
  key = api.keyFor(null);
});
afterAll(() => api.close());

/** What an answer tells a browser about pages of other sites. */
function told({ headers }: Answer): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
}

/** What an answer depends on. */
function varied({ headers }: Answer): string[] {
  return (headers.get("vary") ?? "").split(", ").filter((it) => it !== "");
}

function preflight(server: ApiServer, path: string, origin: string): Promise<Answer> {
  const asked = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
  return server.call("OPTIONS", path, { headers: { origin, ...asked } });
}

const READABLE = { "access-control-expose-headers": "x-request-id, retry-after, ratelimit, ratelimit-policy" };

const CALLS: [string, string, number, CallOptions][] = [
  ["a list", "GET /v1/endpoints", 200, {}],
  ["an event", "POST /v1/events", 202, { body: EVENT }],
  ["a batch", "POST /v1/events/batch", 202, { body: { events: [EVENT] } }],
  ["nonsense", "POST /v1/events", 400, { body: {} }],
  ["a path that does not exist", "GET /v1/nothing", 404, {}],
  ["another method", "PUT /v1/events", 405, {}],
  ["a URL that is too long", `GET /v1/events?text=${"x".repeat(9_000)}`, 400, {}],
  ["a wrong key", "POST /v1/events", 401, { body: EVENT, headers: { authorization: "Bearer phk_wrong" } }],
  ["an OPTIONS that asks for nothing", "OPTIONS /v1/events", 405, {}],
  ["a query of tRPC", "GET /trpc/system.version", 200, {}],
  ["a mutation of tRPC", "POST /trpc/events.publish", 200, { body: EVENT }],
  ["a procedure that does not exist", "GET /trpc/nothing", 404, {}],
  ["a form for tRPC", "POST /trpc/events.publish", 415, { raw: "a=b", headers: { "content-type": "text/plain" } }],
  ["too many calls of tRPC", `GET /trpc/${"system.version,".repeat(51)}?batch=1`, 400, {}],
];

test.each(CALLS)("a page of a named origin may read the answer to %s", async (_what, start, status, options) => {
  const [method = "", path = ""] = start.split(" ");
  for (const origin of [PAGE, OTHER_PAGE]) {
    const answer = await api.call(method, path, { key, ...options, headers: { origin, ...options.headers } });
    expect(answer.status).toBe(status);
    expect(told(answer)).toEqual({ "access-control-allow-origin": origin, ...READABLE });
    expect(varied(answer)).toContain("origin");
  }
});

const STRANGERS = [
  "https://evil.example",
  "http://admin.example.com",
  "https://admin.example.com:8443",
  "https://admin.example.com.evil.example",
  "https://evil-admin.example.com",
  "https://sub.admin.example.com",
  "https://ADMIN.example.com",
  "https://admin.example.com/",
  `${PAGE}, https://evil.example`,
  `${PAGE} ${OTHER_PAGE}`,
  "http://localhost:3001",
  "null",
  "*",
  "",
];

test.each(STRANGERS)("a page of the origin %j is told nothing", async (origin) => {
  for (const [, start, status, options] of CALLS) {
    const [method = "", path = ""] = start.split(" ");
    const answer = await api.call(method, path, { key, ...options, headers: { origin, ...options.headers } });
    expect([start, answer.status, told(answer)]).toEqual([start, status, {}]);
    expect(varied(answer)).not.toContain("origin");
  }
  for (const path of ["/v1/events", "/v1/nothing", "/trpc/events.publish"]) {
    const answer = await preflight(api, path, origin);
    expect([path, answer.status < 400, told(answer)]).toEqual([path, false, {}]);
  }
});

test.each(["/v1/events", "/v1/events/batch", "/v1/endpoints/hook/pause", "/v1/nothing", "/trpc/events.publish"])(
  "a preflight for %s is answered without a key, for ten minutes",
  async (path) => {
    const answer = await preflight(api, path, PAGE);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(told(answer)).toEqual({
      "access-control-allow-origin": PAGE,
      "access-control-allow-methods": "GET, POST, PATCH, DELETE",
      "access-control-allow-headers": "authorization, content-type, x-api-key, x-request-id, trpc-accept",
      "access-control-max-age": "600",
      ...READABLE,
    });
    expect(varied(answer)).toEqual(["origin"]);
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  },
);

test("a page that asks too often may read when to come back", async () => {
  const [applicationId = ""] = api.state.applications.keys();
  const limited = api.keyFor(applicationId, { rateLimitPerSecond: 1 });
  const ask = () => api.call("GET", "/v1/endpoints", { key: limited, headers: { origin: PAGE } });
  const answers = [await ask(), await ask(), await ask()];
  expect(answers.map((it) => it.status)).toContain(429);
  for (const answer of answers) expect(told(answer)).toMatchObject({ "access-control-allow-origin": PAGE });
});

const CLOSED = ["/api/v1/config", "/api/v1/webhooks/endpoints", "/settings", "/docs", "/openapi.json", "/metrics"];

test.each([...CLOSED, "/healthz", "/readyz", "/", "/v1x", "/trpcx"])(
  "a page of a named origin has no way to %s",
  async (path) => {
    const answer = await api.call("GET", path, { key, headers: { origin: PAGE } });
    expect(told(answer)).toEqual({});
    expect(varied(answer)).not.toContain("origin");
    expect(told(await preflight(api, path, PAGE))).toEqual({});
  },
);

test("without the setting no page is told anything, and answers depend on no origin", async () => {
  const plain = await startApi({ openAccess: "closed" });
  const own = plain.keyFor(null);
  for (const [, start, status, options] of CALLS) {
    const [method = "", path = ""] = start.split(" ");
    const headers = { origin: PAGE, ...options.headers };
    const answer = await plain.call(method, path, { key: own, ...options, headers });
    expect([start, answer.status, told(answer)]).toEqual([start, status, {}]);
    expect(varied(answer)).not.toContain("origin");
  }
  for (const path of ["/v1/events", "/v1/nothing", "/trpc/events.publish"]) {
    const answer = await preflight(plain, path, PAGE);
    expect([path, answer.status < 400, told(answer)]).toEqual([path, false, {}]);
  }
  await plain.close();
});

test("tRPC's own answers depend on what they did before, and on the origin as well", async () => {
  const answer = await api.call("GET", "/trpc/system.version", { key, headers: { origin: PAGE } });
  expect(varied(answer)).toEqual(["trpc-accept", "accept", "origin"]);
});

const SIMPLE_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", null];
const TARGETS: [string, string][] = [
  ["/v1/events", JSON.stringify(EVENT)],
  ["/v1/events/batch", JSON.stringify({ events: [EVENT] })],
  ["/v1/endpoints", '{"url":"https://receiver.example.com/"}'],
  ["/trpc/events.publish", JSON.stringify(EVENT)],
];

test("what a page can send without a preflight changes nothing, with a key and without, also in dev", async () => {
  const dev = await startApi({ corsOrigins: [PAGE] });
  const own = dev.keyFor(null);
  const before = dev.state.census();
  for (const [path, body] of TARGETS) {
    for (const type of SIMPLE_TYPES) {
      // A body of bytes has no type of its own.
      const headers = { origin: PAGE, ...(type !== null && { "content-type": type }) };
      const simple = { raw: Buffer.from(body), headers };
      const { status } = await dev.call("POST", path, simple);
      expect([path, type, [403, 415].includes(status)]).toEqual([path, type, true]);
      expect([path, type, (await dev.call("POST", path, { key: own, ...simple })).status]).toEqual([path, type, 415]);
    }
  }
  expect(dev.state.census()).toEqual(before);
  await dev.close();
});

test("in dev a page of a named origin needs a key all the same, and may read that it does", async () => {
  const dev = await startApi({ corsOrigins: [PAGE] });
  const options = { body: EVENT, headers: { origin: PAGE } };
  const refused = await dev.call("POST", "/v1/events", options);
  expect([refused.status, told(refused)["access-control-allow-origin"]]).toEqual([403, PAGE]);
  expect(dev.state.events.size).toBe(0);
  expect((await dev.call("POST", "/v1/events", { ...options, key: dev.keyFor(null) })).status).toBe(202);
  await dev.close();
});
