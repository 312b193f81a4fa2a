import type { Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { createApiListener, createHealthApp } from "../../api/app.js";
import { LIMITS } from "../../core/limits.js";
import { closeServer, HTTP_LIMITS, listen, urlOf } from "../../runtime/http-server.js";
import type { HttpLimits } from "../../runtime/http-server.js";
import { createMemoryPorts } from "../support/memory-ports.js";
import type { MemoryPorts } from "../support/memory-ports.js";
import { Wire } from "../support/wire.js";

const HOST = "127.0.0.1";
const CUT_MS = 250;
/** For what is to be cut off in a test; everything else is as it ships. */
const SHORT: HttpLimits = { ...HTTP_LIMITS, checkMs: 50 };

interface Front extends MemoryPorts {
  server: Server;
  url: string;
}

const open: Server[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(closeServer));
});

async function front(limits: Partial<HttpLimits> = {}): Promise<Front> {
  const ports = createMemoryPorts();
  const server = await listen(createApiListener(ports.deps), { host: HOST, port: 0, limits: { ...SHORT, ...limits } });
  open.push(server);
  return { ...ports, server, url: urlOf(server, HOST) };
}

/** One request on a connection of its own; `lines` are headers. */
async function ask(
  url: string,
  start: string,
  lines: string[] = [],
  body = "",
): Promise<{ status: number; text: string }> {
  const headers = ["Host: localhost", "Connection: close", ...lines, `Content-Length: ${Buffer.byteLength(body)}`];
  const wire = new Wire(url).write(`${start} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n${body}`);
  await wire.closed();
  return { status: wire.statuses[0] ?? 0, text: wire.text };
}

/** Sends a byte now and then until the other side has had enough. */
async function drip(wire: Wire): Promise<void> {
  const timer = setInterval(() => wire.write("x"), 20);
  await wire.closed().finally(() => clearInterval(timer));
}

const HEAD = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\n";
const BODY = "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{";

test.each([
  ["says nothing", ""],
  ["sends its head a byte at a time", `${HEAD}x-slow: `],
])("a client that %s is cut off", async (_what, start) => {
  const { url, lines } = await front({ headersMs: CUT_MS });
  const wire = new Wire(url).write(start);
  await (start === "" ? wire.closed() : drip(wire));
  expect(wire.statuses).toEqual([408]);
  expect(lines.filter((it) => it.level === "error")).toEqual([]);
  expect((await ask(url, "GET /healthz")).status).toBe(200);
});

test("a client that sends its body a byte at a time is cut off, and nothing is stored", async () => {
  const { url, lines, state } = await front({ headersMs: CUT_MS, requestMs: 2 * CUT_MS });
  await drip(new Wire(url).write(HEAD + BODY));
  expect(state.events.size).toBe(0);
  expect(lines.filter((it) => it.level === "error")).toEqual([]);
  expect((await ask(url, "GET /healthz")).status).toBe(200);
});

test("a client that does not read what it asked for is cut off", async () => {
  const { url, server } = await front({ stalledMs: CUT_MS });
  // Megabytes: more than fits between two sockets.
  const bundle = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const wire = new Wire(url).pause().write(bundle.repeat(20));
  const connections = () =>
    new Promise<number>((resolve) => {
      server.getConnections((_error, count) => resolve(count));
    });
  await expect.poll(connections).toBe(1);
  await expect.poll(connections, { timeout: 20_000 }).toBe(0);
  wire.destroy();
});

test("connections above the bound are closed, those within it are served", async () => {
  const { url } = await front({ connectionsMax: 1 });
  const first = new Wire(url).write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await expect.poll(() => first.statuses).toEqual([200]);
  const second = new Wire(url).write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await second.closed();
  expect(second.statuses).toEqual([]);
  first.finish();
  await first.closed();
  expect((await ask(url, "GET /healthz")).status).toBe(200);
});

test("the largest body fits through a slow line, and no command outlasts its connection", async () => {
  const { deps } = createMemoryPorts();
  const server = await listen(createHealthApp(deps), { host: HOST, port: 0 });
  open.push(server);
  const slowLineBytesPerSecond = 2_500_000 / 8;
  expect((server.requestTimeout / 1_000) * slowLineBytesPerSecond).toBeGreaterThan(LIMITS.samplesBodyBytesMax);
  expect(server.headersTimeout).toBe(10_000);
  expect(server.timeout).toBeGreaterThan(LIMITS.timeoutMsMax);
  expect(server.maxConnections).toBeGreaterThan(0);
});

const MANY = Array.from({ length: 101 }, (_, n) => `x-${n}: y`);

test.each([
  { what: "a URL of 9000 characters", start: `GET /v1/events?text=${"x".repeat(9_000)}`, says: "400 8192 characters" },
  { what: "a request with 101 headers", start: "GET /v1/events", lines: MANY, says: "400 100 headers" },
  { what: "TRACE", start: "TRACE /trpc/system.version", says: "405 method_not_allowed" },
  { what: "a path that reads as a host with a password", start: "GET /trpc//a@b", says: "404 not_found" },
  { what: "the same with a backslash", start: "GET /TRPC/\\a@b", says: "404 not_found" },
  { what: "a head of 20 kB", start: `GET /v1/events?text=${"x".repeat(20_000)}`, says: "431 Request Header Fields" },
])("$what is refused in words", async ({ start, lines, says }) => {
  const { url } = await front();
  const answer = await ask(url, start, lines);
  expect(answer.status).toBe(Number(says.slice(0, 3)));
  expect(answer.text).toContain(says.slice(4));
});

test.each(["http://localhost", "http://user:password@localhost", "http://["])(
  "a request that names its whole URL, %s, is answered by its path",
  async (start) => {
    const { url, lines } = await front();
    expect((await ask(url, `GET ${start}/trpc/system.version`)).text).toContain('{"result":{"data":{"version":');
    expect((await ask(url, `GET ${start}`)).text).toContain('"code":"not_found"');
    expect(lines.filter((it) => it.level === "error")).toEqual([]);
  },
);

test("a Host with credentials in it is refused", async () => {
  const { url } = await front();
  const wire = new Wire(url).write("GET /trpc/system.version HTTP/1.1\r\nHost: user@localhost\r\n\r\n").finish();
  await wire.closed();
  expect(wire.statuses).toEqual([400]);
});

test("a header that a proxy adds behind a flood of others is not forgotten", async () => {
  const { url } = await front();
  const flood = Array.from({ length: 2_500 }, () => "a:");
  expect((await ask(url, "GET /v1/events")).status).toBe(200);
  expect((await ask(url, "GET /v1/events", [...flood, "x-forwarded-for: 203.0.113.9"])).status).toBe(400);
});

const PATHS = [
  "/healthz",
  "/docs",
  "/openapi.json",
  "/v1/events",
  "/trpc/system.version",
  "/api/v1/config",
  "/settings",
];

test.each([...PATHS, "/nothing", "/v1/events/%zz", "/trpc/nothing"])(
  "the answer of %s gives nothing away",
  async (path) => {
    const { url } = await front();
    for (const start of [`GET ${path}`, `OPTIONS ${path}`]) {
      const { text } = await ask(url, start, ["Origin: https://evil.example", "Access-Control-Request-Method: POST"]);
      const [head = ""] = text.toLowerCase().split("\r\n\r\n");
      expect(head).toContain("x-content-type-options: nosniff");
      expect(head).toContain("content-security-policy: default-src 'none'");
      expect(head).not.toMatch(/^(?:x-powered-by|server|etag|set-cookie|access-control-[a-z-]+):/m);
    }
  },
);

test("a process without an API answers with the same headers", async () => {
  const { deps } = createMemoryPorts();
  const server = await listen(createHealthApp(deps), { host: HOST, port: 0 });
  open.push(server);
  const { text } = await ask(urlOf(server, HOST), "GET /healthz");
  expect(text.toLowerCase()).toContain("x-content-type-options: nosniff");
  expect(text.toLowerCase()).not.toMatch(/^(?:x-powered-by|etag):/m);
});

const SIMPLE_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"];
const STRANGERS: [string, string[]][] = [
  ["a page of another site", ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site"]],
  ["a browser that only names the origin", ["Origin: https://evil.example"]],
  ["a browser that only says how far away the page is", ["Sec-Fetch-Site: cross-site"]],
  ["a sandboxed frame", ["Origin: null"]],
  ["a name that looks local", ["Origin: http://localhost.evil.example"]],
];
const TARGETS: [string, string][] = [
  ["POST /v1/events", '{"eventType":"a.b","payload":{}}'],
  ["POST /trpc/events.publish", '{"eventType":"a.b","payload":{}}'],
  ["POST /api/v1/webhooks/endpoints", '{"url":"https://receiver.example.com/"}'],
  ["POST /settings", '{"webhookUrl":"https://receiver.example.com/"}'],
  ["POST /settings/webhook/retry", ""],
];

test.each(STRANGERS)("in dev, where no key is needed, %s can change nothing", async (_who, from) => {
  const { url, state } = await front();
  const before = state.census();
  for (const [start, body] of TARGETS) {
    for (const type of SIMPLE_TYPES) {
      const { status } = await ask(url, start, [...from, `Content-Type: ${type}`], body);
      expect([start, type, [403, 415].includes(status)]).toEqual([start, type, true]);
    }
  }
  // Reading is not theirs either: this one makes what it does not find.
  expect((await ask(url, "GET /settings", from)).status).toBe(403);
  expect(state.census()).toEqual(before);
});

test("in dev, the same requests of a program on this machine are served", async () => {
  const { url } = await front();
  for (const [start, body] of TARGETS) {
    const { status } = await ask(url, start, ["Content-Type: application/json"], body);
    expect([start, status < 300]).toEqual([start, true]);
  }
});
