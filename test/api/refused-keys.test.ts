/** What the operator hears of wrong keys: a bounded number of lines, and a counter. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { RefusedKeys } from "../../api/keys/refused-keys.js";
import type { LogFields } from "../../core/log-fields.js";
import { createMetrics } from "../../runtime/metrics.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
beforeEach(async () => {
  api = await startApi({ openAccess: "closed", trustedProxies: ["127.0.0.1"] }, (ports) => {
    // The clock stands still but for what a test says.
    const startMs = Date.now();
    let laterMs = 0;
    ports.deps.clock = { now: () => startMs + laterMs };
    ports.advance = (ms) => void (laterMs += ms);
  });
});
afterEach(() => api.close());

const refusedLines = () => api.lines.filter((it) => it.message === "auth.refused");

async function call(key: string | undefined, from = "203.0.113.1"): Promise<number> {
  const headers = { "x-forwarded-for": from };
  return (await api.call("GET", "/v1/endpoints", { headers, ...(key === undefined ? {} : { key }) })).status;
}

test("a wrong key is a warning with the address it came from and without the key", async () => {
  expect(await call("phk_wrong")).toBe(401);
  expect(refusedLines()).toEqual([
    { level: "warn", fields: { clientAddress: "203.0.113.1", count: 1 }, message: "auth.refused", cause: undefined },
  ]);
  expect(JSON.stringify(api.lines)).not.toContain("phk_wrong");
});

test("an address is told of once a minute, with how often it was refused since, and counted each time", async () => {
  const statuses = new Set<number>();
  for (let calls = 0; calls < 60; calls += 1) statuses.add(await call("phk_wrong"));
  // Also those that were not looked at any more.
  expect([...statuses].sort()).toEqual([401, 429]);
  expect(refusedLines()).toHaveLength(1);
  api.advance(60_000);
  await call("phk_wrong");
  await call("phk_wrong");
  expect(refusedLines().map((it) => it.fields.count)).toEqual([1, 60]);
  expect(api.refused.count).toBe(62);
});

test("each address is told of by itself", async () => {
  await call("phk_wrong", "203.0.113.1");
  await call("phk_wrong", "203.0.113.2");
  await call("phk_wrong", "203.0.113.1");
  expect(refusedLines().map((it) => it.fields.clientAddress)).toEqual(["203.0.113.1", "203.0.113.2"]);
});

test("something that cannot be a key, and one that is too long, are wrong keys", async () => {
  await call("phk wrong", "203.0.113.1");
  await call("x".repeat(600), "203.0.113.2");
  expect(api.refused.count).toBe(2);
  expect(refusedLines()).toHaveLength(2);
});

test("no key, a right key, a right key beyond its limit, and a store that is away are none", async () => {
  const [applicationId = ""] = api.state.applications.keys();
  const key = api.keyFor(applicationId, { rateLimitPerSecond: 1 });
  expect(await call(undefined)).toBe(401);
  expect([await call(key), await call(key), await call(key)]).toEqual([200, 200, 429]);
  api.state.isDown = true;
  expect(await call(api.keyFor(applicationId))).toBe(503);
  expect(api.refused.count).toBe(0);
  expect(refusedLines()).toEqual([]);
});

test("many addresses write no more than 120 lines a minute together, and are counted all the same", () => {
  let nowMs = 0;
  let counted = 0;
  const written: LogFields[] = [];
  const silent = () => undefined;
  const refused = new RefusedKeys({
    clock: { now: () => nowMs },
    log: { info: silent, debug: silent, error: silent, warn: (fields) => void written.push(fields) },
    metrics: { authRefused: () => void (counted += 1) },
  });
  for (let client = 0; client < 500; client += 1) refused.note(`192.0.2.${client}`);
  expect(written).toHaveLength(120);
  nowMs += 60_000;
  // What was not written is said later.
  refused.note("192.0.2.400");
  expect(written.at(-1)).toEqual({ clientAddress: "192.0.2.400", count: 2 });
  expect(counted).toBe(501);
});

test("the counter is one of the metrics", async () => {
  const metrics = createMetrics();
  metrics.authRefused();
  metrics.authRefused();
  expect(await metrics.text()).toContain("\nposthorn_auth_refused_total 2\n");
});
