import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AppRouter } from "../../api/app-router.js";
import { createAuthenticator } from "../../api/auth.js";
import { parseApiKeyId } from "../../api/keys/api-key.js";
import { clientAddress } from "../../api/keys/client-address.js";
import { rateOf, TokenBuckets } from "../../api/keys/token-buckets.js";
import { Secret } from "../../core/secret.js";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";

const ADMIN_KEY = "an-admin-key-of-the-operator";
let api: ApiServer;
let applicationId: string;
/** Stands still, so that buckets fill only when a test says so. */
let nowMs: number;
beforeEach(async () => {
  nowMs = Date.now();
  api = await startApi({ openAccess: "closed", adminKey: new Secret(ADMIN_KEY) }, (ports) => {
    ports.deps.clock = { now: () => nowMs };
  });
  [applicationId = ""] = api.state.applications.keys();
});
afterEach(() => api.close());

const get = (key: string): Promise<Answer> => api.call("GET", "/v1/endpoints", { key });
const rowOf = (key: string) => api.state.apiKeys.get(parseApiKeyId(key) ?? "");

/** Wrong keys, until the address is limited. */
async function guess(): Promise<Answer> {
  for (let guesses = 0; guesses < 100; guesses += 1) {
    const answer = await get("phk_guess");
    if (answer.status !== 401) return answer;
  }
  throw new Error("100 guesses were answered");
}

test("an expired key gets the answer of an unknown one, also where it has just worked", async () => {
  const key = api.keyFor(applicationId, { expiresAt: new Date(nowMs + 2_000) });
  const unknown = api.keyFor(applicationId);
  api.state.apiKeys.delete(parseApiKeyId(unknown) ?? "");
  expect((await get(key)).status).toBe(200);
  nowMs += 2_001;
  const [expired, other] = [await get(key), await get(unknown)];
  expect(expired.status).toBe(401);
  expect({ ...Object(expired.body), requestId: "" }).toEqual({ ...Object(other.body), requestId: "" });
});

test("a key revoked through the API is refused by the next request to the same process", async () => {
  const key = api.keyFor(applicationId);
  expect((await get(key)).status).toBe(200);
  const revoked = await api.call("DELETE", `/v1/keys/${parseApiKeyId(key) ?? ""}`, { key: ADMIN_KEY });
  expect(revoked.status).toBe(204);
  expect((await get(key)).status).toBe(401);
});

test("the keys of a deleted application are refused by the next request", async () => {
  const made = await api.call("POST", "/v1/applications", { key: ADMIN_KEY, body: { name: "gone" } });
  const key = api.keyFor(made.textAt("id"));
  expect((await get(key)).status).toBe(200);
  await api.call("DELETE", `/v1/applications/${made.textAt("id")}`, { key: ADMIN_KEY });
  expect((await get(key)).status).toBe(401);
});

test("what was read before a revocation is not remembered after it", async () => {
  const key = api.keyFor(applicationId);
  const id = parseApiKeyId(key) ?? "";
  const { apiKeys } = api.deps.stores;
  const find = apiKeys.find.bind(apiKeys);
  // The look-up of the first request ends only after the key was revoked.
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let isFirst = true;
  apiKeys.find = async (wanted) => {
    const row = await find(wanted);
    if (wanted === id && isFirst) {
      isFirst = false;
      await held;
    }
    return row;
  };
  const early = get(key);
  await expect.poll(() => isFirst).toBe(false);
  expect((await api.call("DELETE", `/v1/keys/${id}`, { key: ADMIN_KEY })).status).toBe(204);
  letGo();
  expect((await early).status).toBe(200);
  expect((await get(key)).status).toBe(401);
});

test("the last use is written beside the request, at most once a minute", async () => {
  const key = api.keyFor(applicationId);
  const { apiKeys } = api.deps.stores;
  const touch = apiKeys.touch.bind(apiKeys);
  let writes = 0;
  apiKeys.touch = (id, at) => {
    writes += 1;
    return touch(id, at);
  };
  for (let use = 0; use < 5; use += 1) await get(key);
  await expect.poll(() => rowOf(key)?.lastUsedAt).not.toBeNull();
  expect(writes).toBe(1);
  nowMs += 60_000;
  await get(key);
  await expect.poll(() => writes).toBe(2);
});

test("a store that cannot note the last use, or never answers, fails no request and is not asked without bound", async () => {
  const { apiKeys } = api.deps.stores;
  let asked = 0;
  apiKeys.touch = () => {
    asked += 1;
    return asked === 1 ? Promise.reject(new Error("away")) : new Promise(() => undefined);
  };
  const keys = Array.from({ length: 40 }, () => api.keyFor(applicationId));
  for (const key of keys) expect((await get(key)).status).toBe(200);
  expect(asked).toBe(17);
});

test("a key beyond its rate limit is told when to come back, and others are not touched by it", async () => {
  const key = api.keyFor(applicationId, { rateLimitPerSecond: 0.5 });
  expect((await get(key)).status).toBe(200);
  const refused = await get(key);
  expect([refused.status, refused.at("code")]).toEqual([429, "rate_limited"]);
  expect(refused.headers.get("retry-after")).toBe("2");
  expect(refused.headers.get("ratelimit-policy")).toBe('"requests";q=1;w=2');
  expect(refused.headers.get("ratelimit")).toBe('"requests";r=0;t=2');
  expect((await get(api.keyFor(applicationId))).status).toBe(200);
  nowMs += 2_000;
  expect((await get(key)).status).toBe(200);
});

test("Open Wearables' and Metriport's routes have the limit as well, in their own words", async () => {
  const key = api.keyFor(applicationId, { rateLimitPerSecond: 0.1 });
  await get(key);
  const open = await api.call("GET", "/api/v1/webhooks/endpoints", { key });
  expect([open.status, open.headers.get("retry-after")]).toEqual([429, "10"]);
  expect(open.textAt("detail")).toContain("requests a second");
  const settings = await api.call("GET", "/settings", { key });
  expect([settings.status, settings.at("title")]).toEqual([429, "TooManyRequestsError"]);
  expect(settings.headers.get("retry-after")).toBe("10");
});

test("a batch over tRPC costs as many requests as it has calls", async () => {
  const key = api.keyFor(applicationId, { rateLimitPerSecond: 2 });
  const headers = { authorization: `Bearer ${key}` };
  const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${api.url}/trpc`, headers })] });
  await Promise.all([client.system.version.query(), client.system.version.query(), client.endpoints.list.query({})]);
  // One of four is left.
  expect((await get(key)).status).toBe(200);
  const refused = await api.call("GET", "/trpc/system.version", { key });
  expect([refused.status, refused.at("error.data.code")]).toEqual([429, "rate_limited"]);
  expect(refused.headers.get("retry-after")).toBe("1");
});

test("one request with a large body costs one, although its key is looked at before the body is read", async () => {
  const key = api.keyFor(applicationId, { rateLimitPerSecond: 0.5 });
  const body = { user_id: "u", provider: "p", series_type: "heart_rate", samples: [] };
  const answer = await api.call("POST", "/trpc/health.timeseries", { key, body });
  expect(answer.status).not.toBe(429);
  expect((await get(key)).status).toBe(429);
});

test("keys cannot be guessed at line speed, not even rightly", async () => {
  const refused = await guess();
  expect([refused.status, refused.at("code")]).toEqual([429, "rate_limited"]);
  // Otherwise the answer would tell a right guess from a wrong one.
  expect((await get(api.keyFor(applicationId))).status).toBe(429);
  expect((await get(ADMIN_KEY)).status).toBe(429);
  nowMs += 1_000;
  expect((await get(ADMIN_KEY)).status).toBe(200);
});

test("who was right before goes on working while somebody behind the same address guesses", async () => {
  const key = api.keyFor(applicationId);
  expect((await get(key)).status).toBe(200);
  nowMs += 6_000;
  expect((await guess()).status).toBe(429);
  expect((await get(key)).status).toBe(200);
});

test("guesses at once are limited as guesses one after the other", async () => {
  const keys = Array.from({ length: 200 }, () => api.keyFor(applicationId));
  for (const key of keys) api.state.apiKeys.delete(parseApiKeyId(key) ?? "");
  const answers = await Promise.all(keys.map(get));
  expect(answers.filter((it) => it.status === 401)).toHaveLength(40);
  expect(answers.filter((it) => it.status === 429)).toHaveLength(160);
});

test("many requests at once with a key that is new to the process are no guesses, and one look into the store", async () => {
  const key = api.keyFor(applicationId);
  const { apiKeys } = api.deps.stores;
  const find = apiKeys.find.bind(apiKeys);
  let looks = 0;
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  apiKeys.find = async (id) => {
    looks += 1;
    await held;
    return find(id);
  };
  const authenticator = createAuthenticator({ ...api.deps, apiKeys });
  const decisions = Array.from({ length: 200 }, () => {
    const request = new IncomingMessage(new Socket());
    request.headers.authorization = `Bearer ${key}`;
    return authenticator.authenticate(request);
  });
  letGo();
  expect((await Promise.all(decisions)).filter((it) => !it.granted)).toEqual([]);
  expect(looks).toBe(1);
});

test("a request after a revocation does not join a look that began before it", async () => {
  const key = api.keyFor(applicationId);
  const id = parseApiKeyId(key) ?? "";
  const { apiKeys } = api.deps.stores;
  const find = apiKeys.find.bind(apiKeys);
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let looks = 0;
  apiKeys.find = async (wanted) => {
    const row = await find(wanted);
    if (wanted === id) looks += 1;
    if (wanted === id && looks === 1) await held;
    return row;
  };
  const early = get(key);
  await expect.poll(() => looks).toBe(1);
  expect((await api.call("DELETE", `/v1/keys/${id}`, { key: ADMIN_KEY })).status).toBe(204);
  expect((await get(key)).status).toBe(401);
  letGo();
  expect((await early).status).toBe(200);
});

test("requests without a key, and right keys while the store is away, are no guesses", async () => {
  const key = api.keyFor(applicationId);
  api.state.isDown = true;
  for (let call = 0; call < 100; call += 1) expect((await get(key)).status).toBe(503);
  api.state.isDown = false;
  for (let call = 0; call < 100; call += 1) expect((await api.call("GET", "/v1/endpoints")).status).toBe(401);
  expect((await get(key)).status).toBe(200);
});

test("a bucket gives its burst, refills at its rate, lets a large call pay afterwards, and is forgotten in order", () => {
  let ms = 0;
  const buckets = new TokenBuckets({ now: () => ms }, { entriesMax: 2 });
  const rate = rateOf(2);
  expect([1, 2, 3, 4, 5].map(() => buckets.take("a", rate))).toEqual([0, 0, 0, 0, 500]);
  ms += 2_000;
  expect(buckets.take("a", rate, 10)).toBe(0);
  expect(buckets.take("a", rate)).toBe(3_500);
  ms += 3_500;
  expect(buckets.take("a", rate)).toBe(0);
  // A clock that goes back takes nothing away and gives nothing.
  ms -= 1_000;
  expect(buckets.take("a", rate)).toBe(500);
  buckets.take("b", rate);
  buckets.take("c", rate);
  expect(buckets.take("a", rate)).toBe(0);
});

test("an IPv6 client is its /64, and IPv4 is itself however it is written", () => {
  const of = (remoteAddress: string) => clientAddress({ socket: { remoteAddress } });
  expect(of("2001:db8:1:2:3:4:5:6")).toBe(of("2001:db8:1:2::1"));
  expect(of("2001:db8:1:2::1")).not.toBe(of("2001:db8:1:3::1"));
  expect(of("::ffff:203.0.113.9")).toBe(of("203.0.113.9"));
  expect(of("203.0.113.9")).not.toBe(of("203.0.113.8"));
  expect(of("fe80::1%eth0")).toBe(of("fe80::2"));
});

test("an address that a proxy passes on counts if it is one, else the proxy's", () => {
  const of = (ip: string) => clientAddress({ ip, socket: { remoteAddress: "192.0.2.7" } });
  expect(of("203.0.113.9")).toBe("203.0.113.9");
  expect(of("::ffff:203.0.113.9")).toBe("203.0.113.9");
  for (const text of ["", "unknown", "203.0.113.9:5000", "x".repeat(10_000)]) expect(of(text)).toBe("192.0.2.7");
});
