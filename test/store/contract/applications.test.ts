import { expect, test } from "vitest";
import type { Application } from "../../../core/model.js";
import type { Store } from "../../../store/connect.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;

async function insert(change?: Partial<Application>): Promise<Application> {
  const answer = await fixture.store.applications.insert(samples.application(change));
  if (answer.kind !== "inserted") throw new Error(`${answer.field} taken`);
  return answer.row;
}

test("an application comes back as it was written, by id and by uid", async () => {
  const application = await insert({ uid: "acme" });
  expect(await fixture.store.applications.find(application.id)).toEqual(application);
  expect(await fixture.store.applications.find("acme")).toEqual(application);
  expect(await fixture.store.applications.find("nobody")).toBeNull();
  expect(await fixture.store.applications.find(ids.next("application"))).toBeNull();
});

test("a uid is taken once, and free again after its application has given it up or is deleted", async () => {
  const first = await insert({ uid: "once" });
  const other = await insert({ uid: "another" });
  const { applications } = fixture.store;
  expect(await applications.insert(samples.application({ uid: "once" }))).toEqual({ kind: "taken", field: "uid" });
  expect(await applications.update(other.id, { uid: "once" })).toEqual({ kind: "taken", field: "uid" });
  expect(await applications.update(first.id, { uid: null })).toMatchObject({ kind: "inserted", row: { uid: null } });
  expect(await applications.update(other.id, { uid: "once" })).toMatchObject({ row: { uid: "once" } });
  expect(await applications.delete(other.id)).toBe(true);
  expect(await applications.insert(samples.application({ uid: "once" }))).toMatchObject({ kind: "inserted" });
});

test("of many that ask for a uid at once one gets it", async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => fixture.store.applications.insert(samples.application({ uid: "wanted" }))),
  );
  expect(answers.filter((it) => it.kind === "inserted")).toHaveLength(1);
});

test("applications without a uid do not stand in each other's way", async () => {
  await insert({ uid: null });
  await insert({ uid: null });
});

test("an update changes what it names and the time of the update, nothing else", async () => {
  const application = await insert({ uid: "stays" });
  clock.ms += 1_000;
  const answer = await fixture.store.applications.update(application.id, { name: "New name" });
  expect(answer).toEqual({ kind: "inserted", row: { ...application, name: "New name", updatedAt: clock.at() } });
  expect(await fixture.store.applications.update(ids.next("application"), { name: "x" })).toBeNull();
});

test("a deleted application takes its endpoints, event types and keys along, and nobody else's", async () => {
  const { store } = fixture;
  const doomed = await insert({ uid: "doomed" });
  const safe = await insert();
  const event = samples.event({ applicationId: doomed.id });
  for (const { id } of [doomed, safe]) {
    await store.endpoints.insert(samples.endpoint({ applicationId: id, uid: "hook" }));
    await store.eventTypes.insert(samples.eventType({ applicationId: id }));
    await store.apiKeys.insert({
      id: `key-${id}`,
      name: "key",
      applicationId: id,
      scopes: null,
      rateLimitPerSecond: null,
      hash: "00",
      last4: "abcd",
      createdAt: clock.at(),
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
    });
  }
  await store.events.insert(event);
  expect(await store.directory.of(doomed.id)).toHaveLength(1);

  expect(await store.applications.delete(doomed.id)).toBe(true);
  expect(await store.applications.delete(doomed.id)).toBe(false);
  expect(await store.applications.find("doomed")).toBeNull();
  expect(await store.endpoints.all(doomed.id)).toEqual([]);
  expect(await store.directory.of(doomed.id)).toEqual([]);
  expect(await store.eventTypes.find(doomed.id, "workout.created")).toBeNull();
  expect(await store.apiKeys.find(`key-${doomed.id}`)).toBeNull();
  expect(await store.events.find(doomed.id, event.id)).not.toBeNull();

  expect(await store.endpoints.find(safe.id, "hook")).not.toBeNull();
  expect(await store.eventTypes.find(safe.id, "workout.created")).not.toBeNull();
  expect(await store.apiKeys.find(`key-${safe.id}`)).not.toBeNull();
});

test.each([
  ["default", (store: Store) => store.ensureDefaultApplication()],
  ["operator", (store: Store) => store.ensureOperatorApplication()],
])("two processes that make the application %s at once make one", async (uid, ensure) => {
  const second = await fixture.second();
  const made = await Promise.all([ensure(fixture.store), ensure(second), ensure(fixture.store)]);
  expect(new Set(made.map((it) => it.id)).size).toBe(1);
  expect(made[0]).toMatchObject({ uid, name: uid });
  expect(await ensure(second)).toEqual(made[0]);
});

test("indexes can be ensured again, also by two processes at once", async () => {
  const second = await fixture.second();
  await Promise.all([fixture.store.ensureIndexes(), second.ensureIndexes()]);
});
