import { expect, test } from "vitest";
import { HEALTHY } from "../../../core/endpoint-health.js";
import type { EndpointHealth } from "../../../core/endpoint-health.js";
import { Secret } from "../../../core/secret.js";
import { useStore } from "./fixture.js";

const fixture = useStore({ endpointsMax: 5 });
const { samples, ids, clock } = fixture;

test("an endpoint comes back as it was written, by id, by uid and for activities", async () => {
  const { endpoints } = fixture.store;
  const endpoint = samples.endpoint({
    applicationId: ids.next("application"),
    uid: "hook",
    status: "disabled",
    statusReason: "gone",
    profile: "svix",
    secrets: [
      { key: new Secret("whsec_new"), createdAt: clock.at(), expiresAt: null },
      { key: new Secret("whsec_old"), createdAt: clock.at(-1_000), expiresAt: clock.at(1_000) },
    ],
  });
  expect(await endpoints.insert(endpoint)).toEqual({ kind: "inserted", row: endpoint });
  for (const found of [
    await endpoints.find(endpoint.applicationId, endpoint.id),
    await endpoints.find(endpoint.applicationId, "hook"),
    await endpoints.findById(endpoint.id),
  ]) {
    expect(found).toEqual(endpoint);
    expect(found?.secrets.map((it) => it.key.reveal())).toEqual(["whsec_new", "whsec_old"]);
  }
});

test("an endpoint of another application looks like one that does not exist", async () => {
  const { endpoints } = fixture.store;
  const theirs = samples.endpoint({ applicationId: ids.next("application"), uid: "theirs" });
  await endpoints.insert(theirs);
  const me = ids.next("application");
  expect(await endpoints.find(me, theirs.id)).toBeNull();
  expect(await endpoints.find(me, "theirs")).toBeNull();
  expect(await endpoints.update(me, theirs.id, { description: "mine now" })).toBeNull();
  expect(await endpoints.delete(me, theirs.id)).toBe(false);
  expect((await endpoints.list(me, { limit: 10, order: "newest", after: null })).rows).toEqual([]);
  expect(await endpoints.all(me)).toEqual([]);
  expect(await endpoints.findById(theirs.id)).toEqual(theirs);
});

test("a uid is unique in its application only, and free again after a delete", async () => {
  const { endpoints } = fixture.store;
  const [mine, theirs] = [ids.next("application"), ids.next("application")];
  const first = samples.endpoint({ applicationId: mine, uid: "a" });
  await endpoints.insert(first);
  const second = samples.endpoint({ applicationId: mine, uid: "a" });
  expect(await endpoints.insert(second)).toEqual({ kind: "taken", field: "uid" });
  expect(await endpoints.insert({ ...first, uid: null })).toEqual({ kind: "taken", field: "id" });
  expect(await endpoints.insert({ ...second, applicationId: theirs })).toMatchObject({ kind: "inserted" });
  const other = samples.endpoint({ applicationId: mine, uid: "b" });
  await endpoints.insert(other);
  expect(await endpoints.update(mine, other.id, { uid: "a" })).toEqual({ kind: "taken", field: "uid" });
  expect(await endpoints.delete(mine, first.id)).toBe(true);
  expect(await endpoints.update(mine, other.id, { uid: "a" })).toMatchObject({ kind: "inserted", row: { uid: "a" } });
  expect(await endpoints.find(mine, "b")).toBeNull();
  expect(await endpoints.update(mine, other.id, { uid: null })).toMatchObject({ kind: "inserted", row: { uid: null } });
  expect(await endpoints.find(mine, "a")).toBeNull();
});

test("an update changes what it names and the time of the update, nothing else", async () => {
  const { endpoints } = fixture.store;
  const endpoint = samples.endpoint({ applicationId: ids.next("application") });
  await endpoints.insert(endpoint);
  clock.ms += 1_000;
  const change = {
    status: "paused",
    statusReason: "manual",
    headers: { "x.y": "z" },
    secrets: [{ key: new Secret("whsec_x"), createdAt: clock.at(), expiresAt: null }],
    retryPolicy: { scheduleSeconds: [], jitter: 0 },
  } as const;
  const answer = await endpoints.update(endpoint.applicationId, endpoint.id, change);
  expect(answer).toEqual({ kind: "inserted", row: { ...endpoint, ...change, updatedAt: clock.at() } });
  expect(await endpoints.findById(endpoint.id)).toEqual({ ...endpoint, ...change, updatedAt: clock.at() });
});

test("an application never has more endpoints than it may, however many arrive at once", async () => {
  const { endpoints } = fixture.store;
  const applicationId = ids.next("application");
  const second = await fixture.second();
  await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      (index % 2 === 0 ? fixture.store : second).endpoints.insert(samples.endpoint({ applicationId })),
    ),
  );
  expect((await endpoints.all(applicationId)).length).toBeLessThanOrEqual(5);
  for (let more = 0; more < 6; more += 1) await endpoints.insert(samples.endpoint({ applicationId }));
  const full = await endpoints.all(applicationId);
  expect(full).toHaveLength(5);
  expect(await endpoints.insert(samples.endpoint({ applicationId }))).toEqual({ kind: "full" });
  expect(full.map((it) => it.id)).toEqual(full.map((it) => it.id).sort());
  await endpoints.delete(applicationId, full[0]?.id ?? "");
  expect(await endpoints.insert(samples.endpoint({ applicationId }))).toMatchObject({ kind: "inserted" });
});

test("the directory of this process sees this process' changes at once", async () => {
  const { endpoints, directory } = fixture.store;
  const applicationId = ids.next("application");
  expect(await directory.of(applicationId)).toEqual([]);
  const endpoint = samples.endpoint({ applicationId });
  await endpoints.insert(endpoint);
  expect(await directory.of(applicationId)).toEqual([endpoint]);
  await endpoints.update(applicationId, endpoint.id, { status: "paused" });
  expect((await directory.of(applicationId))[0]?.status).toBe("paused");
  await endpoints.delete(applicationId, endpoint.id);
  expect(await directory.of(applicationId)).toEqual([]);
});

test("the directory sees another process' changes after a second", async () => {
  const second = await fixture.second();
  const applicationId = ids.next("application");
  expect(await second.directory.of(applicationId)).toEqual([]);
  await fixture.store.endpoints.insert(samples.endpoint({ applicationId }));
  clock.ms += 1_000;
  expect(await second.directory.of(applicationId)).toHaveLength(1);
});

test("of two writes of an endpoint's health that have read the same one is refused", async () => {
  const { endpoints } = fixture.store;
  const endpoint = samples.endpoint({ applicationId: ids.next("application"), health: HEALTHY });
  await endpoints.insert(endpoint);
  const failed = (consecutiveFailures: number): EndpointHealth => ({
    ...HEALTHY,
    revision: 1,
    consecutiveFailures,
    firstFailureAt: clock.at(),
    lastFailureAt: clock.at(1_000),
    lastOutcome: "connect.refused",
    breaker: { until: clock.at(30_000), openings: 1, isProbing: false },
    untold: [
      {
        type: "endpoint.failing",
        revision: 1,
        at: clock.at(),
        consecutiveFailures,
        failingSince: clock.at(),
        lastOutcome: "connect.refused",
      },
    ],
  });

  const wrote = await Promise.all([7, 8].map((it) => endpoints.putHealth(endpoint, failed(it), null)));

  expect(wrote.filter((it) => it)).toHaveLength(1);
  const after = await endpoints.findById(endpoint.id);
  expect(after).toMatchObject({ health: failed(wrote[0] === true ? 7 : 8), updatedAt: endpoint.updatedAt });
  expect((await endpoints.withUntold(10)).map((it) => it.id)).toEqual([endpoint.id]);
  expect(await endpoints.putHealth(endpoint, { ...HEALTHY, revision: 2 }, null)).toBe(true);
  expect(await endpoints.withUntold(10)).toEqual([]);
});

test("a change that operators are to be told of is on record with what they were not told before", async () => {
  const { endpoints } = fixture.store;
  const { applicationId, id } = samples.endpoint({ applicationId: ids.next("application") });
  // One from before health was kept.
  await endpoints.insert(samples.endpoint({ applicationId, id }));

  await endpoints.update(applicationId, id, {
    status: "disabled",
    notice: { type: "endpoint.disabled", reason: "gone" },
  });
  await endpoints.update(applicationId, id, { status: "active", forgiven: true, notice: { type: "endpoint.enabled" } });

  const at = clock.at();
  const about = { at, revision: at.getTime() };
  const [endpoint] = await endpoints.withUntold(10);
  expect(endpoint).toMatchObject({ id, status: "active", health: { revision: 2, breaker: null } });
  expect(endpoint?.health.untold).toEqual([
    { ...about, type: "endpoint.disabled", reason: "gone" },
    { ...about, type: "endpoint.enabled" },
  ]);
  expect(await endpoints.putHealth({ applicationId, id }, { ...HEALTHY, revision: 2 }, null)).toBe(false);
  expect(await endpoints.putHealth({ applicationId, id }, { ...HEALTHY, revision: 3 }, null)).toBe(true);
});

test("of what operators are to be told an endpoint keeps the last sixteen", async () => {
  const { endpoints } = fixture.store;
  const endpoint = samples.endpoint({ applicationId: ids.next("application") });
  await endpoints.insert(endpoint);
  for (let count = 0; count < 20; count += 1) {
    await endpoints.update(endpoint.applicationId, endpoint.id, { notice: { type: "endpoint.enabled" } });
  }
  const after = await endpoints.findById(endpoint.id);
  expect(after?.health.untold).toHaveLength(16);
  await endpoints.delete(endpoint.applicationId, endpoint.id);
});

test("a health that disables an endpoint is refused where somebody has disabled it", async () => {
  const { endpoints } = fixture.store;
  const endpoint = samples.endpoint({ applicationId: ids.next("application"), health: HEALTHY });
  await endpoints.insert(endpoint);
  const gone = { ...HEALTHY, revision: 1, consecutiveFailures: 1 };

  expect(await endpoints.putHealth(endpoint, gone, "gone")).toBe(true);
  expect(await endpoints.findById(endpoint.id)).toMatchObject({ status: "disabled", statusReason: "gone" });
  expect(await endpoints.putHealth(endpoint, { ...gone, revision: 2 }, "failing")).toBe(false);
  expect(await endpoints.putHealth({ ...endpoint, id: ids.next("endpoint") }, gone, null)).toBe(false);
});

test("an endpoint from before health was kept is well, and its health can be written", async () => {
  const { endpoints } = fixture.store;
  const endpoint = samples.endpoint({ applicationId: ids.next("application") });
  await endpoints.insert(endpoint);
  await fixture.raw("endpoints").updateOne({ _id: endpoint.id }, { $unset: { health: "", clientErrors: "" } });

  expect(await endpoints.findById(endpoint.id)).toMatchObject({ health: HEALTHY, clientErrors: "retry" });
  expect(await endpoints.putHealth(endpoint, { ...HEALTHY, revision: 1 }, null)).toBe(true);
});
