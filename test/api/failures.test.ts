import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { PosthornError } from "../../core/errors.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  await api.call("GET", "/v1/events");
});
afterEach(() => {
  api.state.fault = null;
  api.state.isDown = false;
  api.engine.isDown = false;
  api.lines.length = 0;
});
afterAll(() => api.close());

const LEAK = "mongodb://root:hunter2@10.0.0.7/posthorn";
const EVENT = { eventType: "a.b", payload: {} };

const SAMPLE = { meta: { type: "medical.consolidated-data" } };

test.each<[string, string, { body: unknown; code?: string; message: string }]>([
  ["REST", "POST /v1/events", { body: EVENT, code: "code", message: "message" }],
  ["tRPC", "POST /trpc/events.publish", { body: EVENT, code: "error.data.code", message: "error.message" }],
  [
    "the Open Wearables routes",
    "POST /api/v1/webhooks/endpoints",
    { body: { url: "https://a.example/" }, message: "detail" },
  ],
  ["Metriport's settings", "GET /settings", { body: undefined, message: "detail" }],
  ["Metriport's settings", "POST /settings", { body: { webhookUrl: "https://a.example/" }, message: "detail" }],
  ["Metriport's settings", "GET /settings/webhook", { body: undefined, message: "detail" }],
  ["Metriport's settings", "POST /settings/webhook/retry", { body: undefined, message: "detail" }],
  ["Metriport's settings", "POST /settings/webhook/sample-payload", { body: SAMPLE, message: "detail" }],
])(
  "a fault inside shows nothing of itself over %s (%s), and is logged under the request id",
  async (_how, start, { body, code, message }) => {
    const cause = new Error(`cannot connect to ${LEAK}`);
    api.state.fault = cause;
    const [method = "", path = ""] = start.split(" ");
    const answer = await api.call(method, path, { body });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain("hunter2");
    expect(answer.text).not.toContain("    at ");
    if (code !== undefined) expect(answer.at(code)).toBe("internal");
    expect(answer.textAt(message)).toContain("inside Posthorn");
    const [line] = api.lines.filter((it) => it.level === "error");
    expect(line?.fields["requestId"]).toBe(answer.headers.get("x-request-id"));
    const logged = line?.cause instanceof Error ? (line.cause.cause ?? line.cause) : null;
    expect(logged).toBe(cause);
  },
);

test("expected failures are not logged as errors", async () => {
  await api.call("GET", "/v1/endpoints/nobody");
  await api.call("POST", "/v1/events", { body: {} });
  expect(api.lines.filter((it) => it.level === "error")).toEqual([]);
});

test("while the store is down publishing is answered with 503 and nothing was accepted", async () => {
  api.state.isDown = true;
  const answer = await api.call("POST", "/v1/events", { body: EVENT });
  expect(answer.status).toBe(503);
  expect(answer.at("code")).toBe("store_unavailable");
  expect(api.state.events.size).toBe(0);
  expect(api.engine.dispatched).toEqual([]);
});

test.each([
  ["/v1/events", EVENT],
  ["/v1/events/batch", { events: [EVENT, EVENT] }],
])(
  "when more comes than can be written %s answers 429 and when to come back, and accepts nothing",
  async (path, body) => {
    api.state.fault = new PosthornError("overloaded");
    const answer = await api.call("POST", path, { body });
    expect(answer.status).toBe(429);
    expect(answer.at("code")).toBe("overloaded");
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(api.state.events.size).toBe(0);
  },
);

test("a fault in one event of a batch is logged and shows nothing of itself", async () => {
  api.state.fault = new Error(LEAK);
  const answer = await api.call("POST", "/v1/events/batch", { body: { events: [EVENT, { eventType: 1 }] } });
  expect(answer.status).toBe(202);
  expect(answer.at("results")).toMatchObject([
    { status: "error", code: "internal" },
    { status: "error", code: "invalid_input" },
  ]);
  expect(answer.text).not.toContain("hunter2");
  const errors = api.lines.filter((it) => it.level === "error");
  expect(errors.map((it) => it.fields["requestId"])).toEqual([answer.headers.get("x-request-id")]);
});

test("a harmless request id of the caller is kept, another is replaced", async () => {
  const kept = await api.call("GET", "/v1/nothing", { headers: { "x-request-id": "trace-1234567" } });
  expect(kept.at("requestId")).toBe("trace-1234567");
  expect(kept.headers.get("x-request-id")).toBe("trace-1234567");
  const replaced = await api.call("GET", "/v1/nothing", { headers: { "x-request-id": "<script>alert(1)</script>" } });
  expect(replaced.textAt("requestId")).toMatch(/^req_[0-9a-f]{32}$/);
});

test("answers are not cached and carry the headers of a careful server", async () => {
  const { headers } = await api.call("GET", "/v1/endpoints");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-powered-by")).toBeNull();
});

test("readiness names the dependency that is down, health does not depend on any", async () => {
  expect((await api.call("GET", "/readyz")).body).toEqual({
    status: "ready",
    dependencies: { store: "up", engine: "up" },
  });
  api.engine.isDown = true;
  const noEngine = await api.call("GET", "/readyz");
  expect(noEngine.status).toBe(503);
  expect(noEngine.body).toEqual({ status: "unavailable", dependencies: { store: "up", engine: "down" } });
  api.state.isDown = true;
  expect((await api.call("GET", "/readyz")).at("dependencies")).toEqual({ store: "down", engine: "down" });
  expect((await api.call("GET", "/healthz")).status).toBe(200);
});

test("readiness is answered within its bound although a dependency hangs", async () => {
  const hanging = await startApi({}, (ports) => {
    ports.deps.health.store = () => new Promise(() => undefined);
  });
  const began = performance.now();
  const answer = await hanging.call("GET", "/readyz");
  expect(answer.status).toBe(503);
  expect(performance.now() - began).toBeLessThan(4_000);
  await hanging.close();
});

test("metrics are served where there are some, and nowhere else", async () => {
  expect((await api.call("GET", "/metrics")).text).toContain("posthorn_events_accepted_total");
  const bare = await startApi({}, (ports) => {
    delete ports.deps.health.metricsText;
  });
  expect((await bare.call("GET", "/metrics")).status).toBe(404);
  await bare.close();
});
