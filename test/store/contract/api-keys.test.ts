import { expect, test } from "vitest";
import type { ApiKey } from "../../../core/model.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { clock, ids } = fixture;

const key = (id: string, applicationId: string | null = null): ApiKey => ({
  id,
  name: "ci",
  applicationId,
  hash: "ab".repeat(32),
  last4: "wxyz",
  createdAt: clock.at(),
  revokedAt: null,
});

test("a key comes back as it was written, alone and in the list", async () => {
  const { apiKeys } = fixture.store;
  const [admin, bound] = [key("admin"), key("bound", ids.next("application"))];
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
