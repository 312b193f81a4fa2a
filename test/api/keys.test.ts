import { afterAll, beforeAll, expect, test } from "vitest";
import { parseApiKeyId } from "../../api/keys/api-key.js";
import type { Scope } from "../../core/scopes.js";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";

let api: ApiServer;
let admin: string;
let mine: string;
let theirs: string;
beforeAll(async () => {
  api = await startApi({ openAccess: "closed" });
  admin = api.keyFor(null);
  const make = async (uid: string) =>
    (await api.call("POST", "/v1/applications", { key: admin, body: { name: uid, uid } })).textAt("id");
  [mine, theirs] = [await make("mine"), await make("theirs")];
});
afterAll(() => api.close());

const HOUR_MS = 3_600_000;
const later = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
const create = (key: string, body: object): Promise<Answer> => api.call("POST", "/v1/keys", { key, body });
const idOf = (key: string) => parseApiKeyId(key) ?? "";

test("a key is answered once, and works within its bounds from then on", async () => {
  const expiresAt = later(1).toISOString();
  const bounds = { scopes: ["endpoints:read"], expiresAt, rateLimitPerSecond: 5 };
  const made = await create(admin, { application: "mine", name: " ci ", ...bounds });
  expect(made.status).toBe(201);
  const { key, ...shown } = Object(made.body) as Record<string, unknown>; // the assertions below say what it is
  expect(shown).toMatchObject({ name: "ci", admin: false, applicationId: mine, ...bounds, revokedAt: null });
  const text = made.textAt("key");
  expect(text.endsWith(made.textAt("last4"))).toBe(true);
  expect((await api.call("GET", "/v1/endpoints", { key: text })).status).toBe(200);
  expect((await api.call("GET", "/v1/events", { key: text })).status).toBe(403);
  await expect.poll(() => api.state.apiKeys.get(idOf(text))?.lastUsedAt).not.toBeNull();
  const again = await api.call("GET", `/v1/keys/${made.textAt("id")}`, { key: admin });
  expect(again.body).toMatchObject({ ...shown, lastUsedAt: expect.any(String) as string });
  for (const answer of [again, await api.call("GET", "/v1/keys", { key: admin })]) {
    expect(answer.text).not.toContain(String(key).slice(18, 60));
    expect(answer.text).not.toContain("hash");
  }
});

test("an admin key makes keys of any application and admin keys, without bounds where none are asked for", async () => {
  const made = await create(admin, { admin: true, name: "ops" });
  expect(made.body).toMatchObject({ admin: true, applicationId: null, scopes: null, expiresAt: null });
  expect((await api.call("GET", "/v1/applications", { key: made.textAt("key") })).status).toBe(200);
  expect((await create(admin, {})).at("applicationId")).toBe([...api.state.applications.keys()][0]);
});

test.each<[string, object, string]>([
  ["a scope that does not exist", { scopes: ["events:eat"] }, "scopes[0]"],
  ["no scope at all", { scopes: [] }, "scopes"],
  ["a scope twice", { scopes: ["events:read", "events:read"] }, "scopes"],
  ["a time that has passed", { expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt"],
  ["a time without an offset", { expiresAt: "2099-01-01T00:00:00" }, "expiresAt"],
  ["no request a second", { rateLimitPerSecond: 0 }, "rateLimitPerSecond"],
  ["an application for an admin key", { admin: true, application: "mine" }, "application"],
  ["an unknown field", { secret: "mine" }, "secret"],
])("%s is refused, and no key is made", async (_what, body, path) => {
  const before = api.state.apiKeys.size;
  const answer = await create(admin, body);
  expect([answer.status, answer.at("issues.0.path")]).toEqual([400, path]);
  expect(api.state.apiKeys.size).toBe(before);
});

const MANAGER: Scope[] = ["keys:write", "keys:read", "events:write"];

test.each<[string, object, string]>([
  ["more scopes", { scopes: ["events:write", "secrets:read"] }, "scopes"],
  ["a longer life", { expiresAt: later(3).toISOString() }, "expiresAt"],
  ["a higher rate limit", { rateLimitPerSecond: 11 }, "rateLimitPerSecond"],
])("nobody hands on %s than they have, admin or not", async (_what, body, path) => {
  for (const owner of [mine, null]) {
    const key = api.keyFor(owner, { scopes: MANAGER, expiresAt: later(2), rateLimitPerSecond: 10 });
    const before = api.state.apiKeys.size;
    const answer = await create(key, body);
    expect([answer.status, answer.at("code"), answer.at("issues.0.path")]).toEqual([403, "forbidden", path]);
    expect(api.state.apiKeys.size).toBe(before);
  }
});

test("what is not asked for is as with the key that asks, and less may be asked for", async () => {
  const expiresAt = later(2);
  const key = api.keyFor(mine, { scopes: MANAGER, expiresAt, rateLimitPerSecond: 10 });
  const same = await create(key, {});
  expect(same.body).toMatchObject({ scopes: MANAGER, expiresAt: expiresAt.toISOString(), rateLimitPerSecond: 10 });
  expect(same.at("applicationId")).toBe(mine);
  const less = { scopes: ["events:write"], expiresAt: later(1).toISOString(), rateLimitPerSecond: 1 };
  expect((await create(key, less)).body).toMatchObject(less);
});

test("an application's key makes no admin keys and none of another application", async () => {
  const key = api.keyFor(mine);
  const before = api.state.apiKeys.size;
  expect((await create(key, { admin: true })).status).toBe(403);
  expect((await create(key, { application: "theirs" })).status).toBe(404);
  expect(api.state.apiKeys.size).toBe(before);
});

test("an application's key sees and revokes keys of its application only; others look like none", async () => {
  const key = api.keyFor(mine);
  const [own, foreign] = [api.keyFor(mine), api.keyFor(theirs)];
  for (const id of [idOf(foreign), idOf(admin), "0000000000000"]) {
    for (const method of ["GET", "DELETE"]) {
      const answer = await api.call(method, `/v1/keys/${id}`, { key });
      expect([method, answer.status, answer.at("code")]).toEqual([method, 404, "not_found"]);
    }
  }
  expect((await api.call("GET", "/v1/keys?application=theirs", { key })).status).toBe(404);
  const listed = await api.call("GET", "/v1/keys?limit=250", { key });
  expect(listed.text).toContain(idOf(own));
  for (const id of [idOf(foreign), idOf(admin)]) expect(listed.text).not.toContain(id);
  expect((await api.call("DELETE", `/v1/keys/${idOf(own)}`, { key })).status).toBe(204);
  expect((await api.call("GET", "/v1/endpoints", { key: own })).status).toBe(401);
  expect((await api.call("GET", "/v1/endpoints", { key: foreign })).status).toBe(200);
});

test("revoking twice is revoking once", async () => {
  const key = api.keyFor(mine);
  expect((await api.call("DELETE", `/v1/keys/${idOf(key)}`, { key: admin })).status).toBe(204);
  const first = api.state.apiKeys.get(idOf(key))?.revokedAt;
  api.advance(1_000);
  expect((await api.call("DELETE", `/v1/keys/${idOf(key)}`, { key: admin })).status).toBe(204);
  expect(api.state.apiKeys.get(idOf(key))?.revokedAt).toEqual(first);
});

test("lists page through all keys once, in both orders, and refuse cursors of other lists", async () => {
  for (const order of ["newest", "oldest"]) {
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await api.call("GET", `/v1/keys?limit=3&order=${order}${cursor}`, { key: admin });
      for (let row = 0; page.at(`data.${row}`) !== undefined; row += 1) seen.push(page.textAt(`data.${row}.id`));
      const next = page.at("nextCursor");
      cursor = typeof next === "string" ? `&cursor=${encodeURIComponent(next)}` : "";
    } while (cursor !== "");
    expect(seen.toSorted()).toEqual([...api.state.apiKeys.keys()].sort());
  }
  const other = await api.call("GET", "/v1/applications?limit=1", { key: admin });
  const foreign = await api.call("GET", `/v1/keys?cursor=${encodeURIComponent(other.textAt("nextCursor"))}`, {
    key: admin,
  });
  expect(foreign.at("code")).toBe("invalid_cursor");
});
