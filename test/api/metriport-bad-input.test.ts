/** What Metriport's routes refuse: in its own words, and without changing anything. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer, CallOptions } from "../support/api-server.js";
import { aText } from "../support/matchers.js";

const SAMPLE = "/settings/webhook/sample-payload";
const INVALID = "Missing or invalid parameters";
let api: ApiServer;
let applicationId: string;
beforeAll(async () => {
  api = await startApi({ bodyBytesMax: 100_000 });
  [applicationId = ""] = api.state.applications.keys();
});
afterAll(() => api.close());

interface Row {
  what: string;
  path?: string;
  method?: string;
  send?: CallOptions;
  status?: number;
  title?: string;
  detail?: string | RegExp;
}

const settings = (what: string, body: unknown, detail: string | RegExp): Row => ({ what, send: { body }, detail });
const sample = (what: string, body: unknown, detail: string | RegExp): Row => ({
  ...settings(what, body, detail),
  path: SAMPLE,
});

const rows: Row[] = [
  settings("a URL that is none", { webhookUrl: "not a url" }, "Invalid url, on [webhookUrl]"),
  settings("the URL 0", { webhookUrl: "0" }, "Invalid url, on [webhookUrl]"),
  settings("a URL that is a number", { webhookUrl: 7 }, /expected string.*, on \[webhookUrl\]$/),
  settings("a URL that is a list", { webhookUrl: ["https://a.example/"] }, /, on \[webhookUrl\]$/),
  settings(
    "a URL of 2049 characters",
    { webhookUrl: `https://a.example/${"x".repeat(2_031)}` },
    /2048.*\[webhookUrl\]$/,
  ),
  settings("an unknown key", { webhookURL: "https://a.example/" }, "unknown field, on [webhookURL]"),
  settings("a known key beside an unknown one", { webhookUrl: "", colour: 1 }, "unknown field, on [colour]"),
  settings("filters that are no list", { mrFilters: { key: "labs" } }, /, on \[mrFilters\]$/),
  settings("filters over 64 KiB", { mrFilters: ["x".repeat(65_536)] }, /65536.*\[mrFilters\]$/),
  settings("filters that are nested too deep", { mrFilters: [deep(70)] }, "must be plain JSON, on [mrFilters]"),
  settings("a body that is a list", [], /, on \[\]$/),
  settings("a body that is a text", "x", /, on \[\]$/),
  { what: "__proto__", send: { raw: '{"__proto__":{}}' }, detail: "unknown field, on [__proto__]" },
  {
    what: "__proto__ in a filter",
    send: { raw: '{"mrFilters":[{"__proto__":{}}]}' },
    detail: "must be plain JSON, on [mrFilters]",
  },
  {
    what: "filters that are nothing but depth",
    send: { raw: `{"mrFilters":${"[".repeat(40_000)}${"]".repeat(40_000)}}` },
    detail: "must be plain JSON, on [mrFilters]",
  },
  {
    what: "a body that is no JSON",
    send: { raw: "webhookUrl=https://a.example/" },
    title: "BadRequestError",
    detail: "The request body is not JSON.",
  },
  {
    what: "a body that is too large",
    send: { raw: `{"webhookUrl":"${"x".repeat(100_000)}"}` },
    status: 413,
    title: "PayloadTooLargeError",
  },
  sample("a sample without meta", { patients: [] }, /, on \[meta\]$/),
  sample("a sample without a type", { meta: { messageId: "x" } }, /, on \[meta\.type\]$/),
  sample("a sample with a type that is no text", { meta: { type: 1 } }, /, on \[meta\.type\]$/),
  sample("a sample that is a list", [], /, on \[\]$/),
  sample("a sample that is nested too deep", { meta: { type: "a.b" }, deep: deep(70) }, /64 levels/),
  {
    what: "a sample that is too large",
    path: SAMPLE,
    send: { raw: `{"meta":{"type":"${"x".repeat(100_000)}"}}` },
    status: 413,
    title: "PayloadTooLargeError",
  },
  { what: "a sample that is no JSON", path: SAMPLE, send: { raw: "{" }, title: "BadRequestError" },
  ...["/settings", "/settings/webhook", "/settings/webhook/retry", SAMPLE].flatMap((path): Row[] => {
    const method = path === "/settings/webhook" ? "GET" : "POST";
    const send = method === "GET" ? {} : { body: {} };
    return [
      {
        what: "an unknown customer",
        path: `${path}?application=nobody`,
        method,
        send,
        status: 404,
        title: "NotFoundError",
      },
      { what: "no customer", path: `${path}?application=`, method, send, detail: /, on \[application\]$/ },
      { what: "two customers", path: `${path}?application=a&application=b`, method, send, detail: /given twice/ },
      { what: "a long name", path: `${path}?application=${"x".repeat(257)}`, method, send, detail: /\[application\]$/ },
    ];
  }),
  {
    what: "a path that is none",
    path: "/settings/nothing",
    method: "GET",
    send: {},
    status: 404,
    title: "NotFoundError",
  },
  { what: "a path below", path: "/settings/webhook/x/y", method: "GET", send: {}, status: 404, title: "NotFoundError" },
];

function deep(levels: number): unknown {
  return levels === 0 ? 1 : { a: deep(levels - 1) };
}

const complete = rows.map((row) => ({ method: "POST", path: "/settings", send: {}, ...row }));

test.each(complete)("$method $path with $what is refused and changes nothing", async (row) => {
  const before = { ...api.state.census(), metriport: api.state.applications.get(applicationId)?.metriport };
  const answer = await api.call(row.method, row.path, row.send);
  const status = row.status ?? 400;
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({ status, title: row.title ?? INVALID, detail: aText, name: aText });
  if (typeof row.detail === "string") expect(answer.at("detail")).toBe(row.detail);
  if (row.detail instanceof RegExp) expect(answer.at("detail")).toMatch(row.detail);
  expect({ ...api.state.census(), metriport: api.state.applications.get(applicationId)?.metriport }).toEqual(before);
  expect(api.sender.requests).toEqual([]);
});

test("the two refusals of a URL are these, to the letter", async () => {
  const none = await api.call("POST", "/settings", { body: { webhookUrl: "nonsense" } });
  expect(none.text).toBe(
    '{"status":400,"title":"Missing or invalid parameters","detail":"Invalid url, on [webhookUrl]","name":"Bad Request"}',
  );
  const refused = await api.call("POST", "/settings", { body: { webhookUrl: "ftp://a.example/" } });
  expect(refused.text).toBe(
    '{"status":400,"title":"BadRequestError","detail":"Invalid URL","name":"Bad Request","reason":"must be an http or https URL"}',
  );
  expect(api.state.endpoints.size).toBe(0);
});

test.each([
  ["DELETE", "/settings", "GET, POST"],
  ["PATCH", "/settings", "GET, POST"],
  ["POST", "/settings/webhook", "GET"],
  ["GET", "/settings/webhook/retry", "POST"],
  ["PUT", "/settings/webhook/sample-payload", "POST"],
])("%s %s is answered with the methods that exist", async (method, path, allow) => {
  const answer = await api.call(method, path);
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe(allow);
  expect(answer.body).toEqual({
    status: 405,
    title: "MethodNotAllowedError",
    detail: aText,
    name: "Method Not Allowed",
  });
});

test("a store that is away is 503, a fault is 500 without its words", async () => {
  api.state.isDown = true;
  const away = await api.call("GET", "/settings");
  api.state.isDown = false;
  expect(away.body).toMatchObject({ status: 503, title: "ServiceUnavailableError", name: "Service Unavailable" });
  api.state.fault = new Error("the secret of the house");
  const fault = await api.call("GET", "/settings");
  api.state.fault = null;
  expect(fault.body).toMatchObject({ status: 500, title: "InternalServerError", name: "Internal Server Error" });
  expect(fault.text).not.toContain("secret of the house");
});
