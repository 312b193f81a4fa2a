import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PosthornError } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";
import { signingSecrets } from "../../runtime/signing-secrets.js";
import { outgoing, testSender } from "../egress/harness.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

const ADMIN_KEY = "an-admin-key-of-the-operator";
let closed: ApiServer;
let open: ApiServer;
beforeAll(async () => {
  closed = await startApi({ openAccess: "closed", adminKey: new Secret(ADMIN_KEY) });
  open = await startApi({ openAccess: "loopback-admin" });
});
afterAll(async () => {
  await closed.close();
  await open.close();
});

/** A request with headers that fetch does not let through. */
function statusWith(server: ApiServer, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(`${server.url}/v1/endpoints`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.once("error", reject);
    call.end();
  });
}

test("without a key nothing is answered where access is closed", async () => {
  const answer = await closed.call("GET", "/v1/endpoints");
  expect(answer.status).toBe(401);
  expect(answer.at("code")).toBe("unauthorized");
  expect(answer.headers.get("www-authenticate")).toContain("Bearer");
});

test("the operator's admin key and admin keys of the store see everything", async () => {
  for (const key of [ADMIN_KEY, closed.keyFor(null)]) {
    expect((await closed.call("GET", "/v1/applications", { key })).status).toBe(200);
    expect((await closed.call("GET", "/v1/endpoints", { key })).status).toBe(200);
  }
});

test("unknown, wrong, mistyped and revoked keys get the same answer", async () => {
  const key = closed.keyFor(null);
  const other = closed.keyFor(null);
  const revoked = closed.keyFor(null);
  const mistyped = key.slice(0, 30) + (key[30] === "a" ? "b" : "a") + key.slice(31);
  const unknown = closed.keyFor(null);
  for (const row of closed.state.apiKeys.values()) {
    if (row.last4 === revoked.slice(-4)) closed.state.apiKeys.set(row.id, { ...row, revokedAt: new Date() });
    if (row.last4 === unknown.slice(-4)) closed.state.apiKeys.delete(row.id);
    // A row of that id with another secret.
    if (row.last4 === other.slice(-4)) closed.state.apiKeys.set(row.id, { ...row, hash: "0".repeat(64) });
  }
  const answers = await Promise.all(
    [mistyped, unknown, other, revoked, "x", `${ADMIN_KEY}x`, ""].map((it) =>
      closed.call("GET", "/v1/endpoints", { headers: { authorization: `Bearer ${it}` } }),
    ),
  );
  for (const answer of answers) {
    expect(answer.status).toBe(401);
    expect(answer.at("message")).toBe(answers[0]?.at("message"));
  }
  const basic = await closed.call("GET", "/v1/endpoints", { headers: { authorization: `Basic ${btoa("a:b")}` } });
  expect(basic.status).toBe(401);
});

test("a mistyped key is refused without asking the store", async () => {
  const key = closed.keyFor(null);
  const mistyped = key.slice(0, -1) + (key.endsWith("a") ? "b" : "a");
  closed.state.isDown = true;
  const typo = await closed.call("GET", "/v1/endpoints", { key: mistyped });
  const right = await closed.call("GET", "/v1/endpoints", { key });
  closed.state.isDown = false;
  expect(typo.status).toBe(401);
  expect(right.status).toBe(503);
});

test("a revoked key works for at most five more seconds", async () => {
  const key = closed.keyFor(null);
  expect((await closed.call("GET", "/v1/endpoints", { key })).status).toBe(200);
  for (const row of closed.state.apiKeys.values()) {
    closed.state.apiKeys.set(row.id, { ...row, revokedAt: new Date() });
  }
  closed.advance(5_001);
  expect((await closed.call("GET", "/v1/endpoints", { key })).status).toBe(401);
});

test("a key in use is looked up again in time: nobody waits for it, and a revoked one ends earlier", async () => {
  let answer = (): void => undefined;
  let isHeld = false;
  const slow = await startApi({ openAccess: "closed" }, ({ deps: { stores } }) => {
    const { apiKeys } = stores;
    const find = async (id: string) => {
      if (isHeld) await new Promise<void>((resolve) => (answer = resolve));
      return apiKeys.find(id);
    };
    stores.apiKeys = { ...apiKeys, find };
  });
  const key = slow.keyFor(null);
  const get = async () => (await slow.call("GET", "/v1/endpoints", { key })).status;
  expect(await get()).toBe(200);
  for (const row of slow.state.apiKeys.values()) slow.state.apiKeys.set(row.id, { ...row, revokedAt: new Date() });
  isHeld = true;
  slow.advance(2_500);
  expect(await get()).toBe(200);
  isHeld = false;
  answer();
  await expect.poll(get).toBe(401);
  await slow.close();
});

test("a store that is away when a key in use is looked up again matters only when its five seconds are over", async () => {
  let isAway = false;
  const api = await startApi({ openAccess: "closed" }, ({ deps: { stores } }) => {
    const { apiKeys } = stores;
    const find = (id: string) => (isAway ? Promise.reject(new PosthornError("store_unavailable")) : apiKeys.find(id));
    stores.apiKeys = { ...apiKeys, find };
  });
  const key = api.keyFor(null);
  const get = async () => (await api.call("GET", "/v1/endpoints", { key })).status;
  expect(await get()).toBe(200);
  isAway = true;
  api.advance(2_500);
  expect([await get(), await get()]).toEqual([200, 200]);
  api.advance(2_501);
  expect(await get()).toBe(503);
  await api.close();
});

test("the five seconds begin when the store is asked, however long its answer takes", async () => {
  const slow = await startApi({ openAccess: "closed" }, (ports) => {
    const { stores } = ports.deps;
    const { apiKeys } = stores;
    const find = async (id: string) => {
      const row = await apiKeys.find(id);
      ports.advance(3_000);
      return row;
    };
    stores.apiKeys = { ...apiKeys, find };
  });
  const key = slow.keyFor(null);
  const get = async () => (await slow.call("GET", "/v1/endpoints", { key })).status;
  expect(await get()).toBe(200);
  for (const row of slow.state.apiKeys.values()) slow.state.apiKeys.set(row.id, { ...row, revokedAt: new Date() });
  slow.advance(1_000);
  expect(await get()).toBe(200);
  slow.advance(1_001);
  expect(await get()).toBe(401);
  await slow.close();
});

test("a key of an application may not manage applications", async () => {
  const [applicationId = ""] = closed.state.applications.keys();
  const key = closed.keyFor(applicationId);
  const attempts = [
    closed.call("GET", "/v1/applications", { key }),
    closed.call("POST", "/v1/applications", { key, body: { name: "x" } }),
    closed.call("PATCH", `/v1/applications/${applicationId}`, { key, body: { name: "x" } }),
    closed.call("DELETE", `/v1/applications/${applicationId}`, { key }),
  ];
  for (const answer of await Promise.all(attempts)) {
    expect(answer.status).toBe(403);
    expect(answer.at("code")).toBe("forbidden");
  }
  expect((await closed.call("GET", `/v1/applications/${applicationId}`, { key })).status).toBe(200);
});

test("who has no key cannot make the server read a body", async () => {
  const answer = await closed.call("POST", "/v1/events", { raw: "{{{", headers: { "content-type": "text/plain" } });
  expect(answer.status).toBe(401);
});

test("in dev, requests of this machine act as admin of the default application", async () => {
  expect((await open.call("GET", "/v1/applications")).status).toBe(200);
  expect((await open.call("POST", "/v1/endpoints", { body: { url: "https://a.example/" } })).status).toBe(201);
});

test("in dev, a wrong key is still wrong", async () => {
  expect((await open.call("GET", "/v1/endpoints", { key: "phk_wrong" })).status).toBe(401);
});

test.each([
  ["localhost", { host: "localhost:8000" }, 200],
  ["127.0.0.1", { host: "127.0.0.1" }, 200],
  ["[::1]", { host: "[::1]:8000" }, 200],
  ["a page of this machine", { host: "localhost:8000", origin: "http://localhost:8000" }, 200],
  ["a name that was rebound to this machine", { host: "evil.example" }, 403],
  ["a name that begins like localhost", { host: "localhost.evil.example" }, 403],
  ["a page of another site", { host: "localhost:8000", origin: "https://evil.example" }, 403],
  ["a page without an origin", { host: "localhost:8000", origin: "null" }, 403],
  ["a picture in a page of another site", { host: "localhost:8000", "sec-fetch-site": "cross-site" }, 403],
  ["a page of another port", { host: "localhost:8000", origin: "http://localhost:3000" }, 403],
  ["a page of another scheme", { host: "localhost:8000", origin: "https://localhost:8000" }, 403],
  ["a page of another name of this machine", { host: "localhost:8000", origin: "http://127.0.0.1:8000" }, 403],
  ["a page of this machine at the usual port", { host: "localhost", origin: "http://localhost" }, 200],
  ["a picture in a page of another port", { host: "localhost:8000", "sec-fetch-site": "same-site" }, 403],
  ["a page of this origin", { host: "localhost:8000", "sec-fetch-site": "same-origin" }, 200],
  ["the address bar of a browser", { host: "localhost:8000", "sec-fetch-site": "none" }, 200],
  ["a webhook", { host: "localhost:8000", "webhook-id": "msg_1" }, 401],
  ["a signed webhook", { host: "localhost:8000", "webhook-signature": "v1,x" }, 401],
  ["a webhook of Svix", { host: "localhost:8000", "svix-id": "msg_1" }, 401],
  ["a signed webhook of Svix", { host: "localhost:8000", "svix-signature": "v1,x" }, 401],
  ["a webhook of Metriport", { host: "localhost:8000", "x-webhook-key": "k" }, 401],
  ["a signed webhook of Metriport", { host: "localhost:8000", "x-metriport-signature": "s" }, 401],
  ["Posthorn", { host: "localhost:8000", "user-agent": "Posthorn/1.2.3" }, 401],
  ["a proxy on this machine", { host: "localhost:8000", "x-forwarded-for": "203.0.113.9" }, 401],
  ["a proxy with the standard header", { host: "localhost:8000", forwarded: "for=203.0.113.9" }, 401],
])("in dev, a request without a key from %s is answered rightly", async (_who, headers, status) => {
  expect(await statusWith(open, headers)).toBe(status);
});

test("in dev, a delivery to the API itself is nobody, whatever its profile", async () => {
  for (const profile of ["standard", "svix", "metriport"] as const) {
    const secret = { key: new Secret(signingSecrets.generate(profile)), createdAt: new Date(), expiresAt: null };
    const keys = () => open.call("GET", "/v1/keys").then((it) => it.body);
    const before = await keys();
    const payload = Buffer.from('{"admin":true}');
    const request = outgoing(`${open.url}/v1/keys`, { profile, payload, secrets: [secret] });
    const result = await testSender().send(request);
    expect(result).toMatchObject({ statusCode: 401 });
    expect(await keys()).toEqual(before);
  }
});

test("in dev, the routes that read JSON of any content type refuse a page of another port", async () => {
  const create = (origin: string) =>
    open.call("POST", "/api/v1/webhooks/endpoints", {
      raw: JSON.stringify({ url: "https://a.example.com/" }),
      headers: { "content-type": "text/plain", origin },
    });
  expect((await create("http://127.0.0.1:1")).status).toBe(403);
  expect((await create(open.url)).status).toBe(201);
});

test("with a key, host and origin do not matter", async () => {
  const authorization = `Bearer ${open.keyFor(null)}`;
  expect(await statusWith(open, { authorization, host: "hooks.example", origin: "https://app.example" })).toBe(200);
});

test("health, metrics and the documentation need no key", async () => {
  for (const path of ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"]) {
    expect((await closed.call("GET", path)).status).toBe(200);
  }
});
