import { expect, test } from "vitest";
import type { ApiKey } from "../../../core/model.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { clock, ids } = fixture;

const key = (id: string, applicationId: string | null = null): ApiKey => ({
  id,
  name: "ci",
  applicationId,
  scopes: null,
  rateLimitPerSecond: null,
  hash: "ab".repeat(32),
  last4: "wxyz",
  createdAt: clock.at(),
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
});

test("a key comes back as it was written, alone and in the list", async () => {
  const { apiKeys } = fixture.store;
  const admin = key("admin");
  const bounds = {
    scopes: ["events:write", "keys:read"],
    rateLimitPerSecond: 0.5,
    expiresAt: clock.at(60_000),
  } as const;
  const bound: ApiKey = { ...key("bound", ids.next("application")), ...bounds };
  await apiKeys.insert(admin);
  await apiKeys.insert(bound);
  expect(await apiKeys.find("admin")).toEqual(admin);
  expect(await apiKeys.find("unknown")).toBeNull();
  expect(await apiKeys.list()).toEqual([admin, bound]);
});

test("a key is revoked once, and the first time is what counts", async () => {
  const { apiKeys } = fixture.store;
  await apiKeys.insert(key("doomed"));
  expect(await apiKeys.revoke("doomed", clock.at(1))).toBe(true);
  expect(await apiKeys.revoke("doomed", clock.at(2))).toBe(false);
  expect((await apiKeys.find("doomed"))?.revokedAt).toEqual(clock.at(1));
  expect(await apiKeys.revoke("unknown", clock.at())).toBe(false);
});

test("a key never replaces another one", async () => {
  const { apiKeys } = fixture.store;
  await apiKeys.insert(key("first"));
  await expect(apiKeys.insert({ ...key("first"), name: "second" })).rejects.toThrow("exists");
  expect((await apiKeys.find("first"))?.name).toBe("ci");
});

test("a key from before there were scopes, expiry and limits has none of these bounds", async () => {
  const { _id, ...old } = { _id: "old", name: "ci", applicationId: null, hash: "00", last4: "abcd" };
  await fixture.raw("apiKeys").insertOne({ _id, ...old, createdAt: clock.at(), revokedAt: null });
  const unbounded = { scopes: null, rateLimitPerSecond: null, expiresAt: null, lastUsedAt: null };
  expect(await fixture.store.apiKeys.find("old")).toMatchObject(unbounded);
});

test("a scope that this version does not know allows nothing", async () => {
  const { apiKeys } = fixture.store;
  await apiKeys.insert({ ...key("later"), scopes: ["events:read"] });
  await fixture.raw("apiKeys").updateOne({ _id: "later" }, { $set: { scopes: ["events:read", "planets:write"] } });
  expect((await apiKeys.find("later"))?.scopes).toEqual(["events:read"]);
  await fixture.raw("apiKeys").updateOne({ _id: "later" }, { $set: { scopes: ["planets:write"] } });
  expect((await apiKeys.find("later"))?.scopes).toEqual([]);
});

test("the last use moves forward only, and of keys that exist", async () => {
  const { apiKeys } = fixture.store;
  await apiKeys.insert(key("used"));
  await apiKeys.touch("used", clock.at(2));
  await apiKeys.touch("used", clock.at(1));
  expect((await apiKeys.find("used"))?.lastUsedAt).toEqual(clock.at(2));
  await apiKeys.touch("used", clock.at(3));
  expect((await apiKeys.find("used"))?.lastUsedAt).toEqual(clock.at(3));
  await apiKeys.touch("nobody", clock.at(1));
  expect(await apiKeys.find("nobody")).toBeNull();
});

test("an application's keys are counted up to a limit and paged through, nobody else's among them", async () => {
  const { apiKeys } = fixture.store;
  const applicationId = ids.next("application");
  for (const id of ["p1", "p2", "p3"]) await apiKeys.insert(key(id, applicationId));
  expect(await apiKeys.countOf(applicationId, 10)).toBe(3);
  expect(await apiKeys.countOf(applicationId, 2)).toBe(2);
  const first = await apiKeys.page(applicationId, { limit: 2, order: "oldest", after: null });
  expect([first.rows.map((row) => row.id), first.next]).toEqual([["p1", "p2"], "p2"]);
  const second = await apiKeys.page(applicationId, { limit: 2, order: "oldest", after: first.next });
  expect([second.rows.map((row) => row.id), second.next]).toEqual([["p3"], null]);
  const all = await apiKeys.page(null, { limit: 250, order: "newest", after: null });
  expect(all.rows.map((row) => row.id)).toEqual(
    (await apiKeys.list())
      .map((row) => row.id)
      .sort()
      .reverse(),
  );
});
