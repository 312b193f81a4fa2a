import { expect, test } from "vitest";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;
const all = { includeArchived: true };

test("an event type comes back as it was written, with every key of its JSON Schema", async () => {
  const eventType = samples.eventType({ applicationId: ids.next("application") });
  const { eventTypes } = fixture.store;
  expect(await eventTypes.insert(eventType)).toEqual({ kind: "inserted", row: eventType });
  expect(await eventTypes.find(eventType.applicationId, eventType.name)).toEqual(eventType);
});

test("a name is taken once in each application", async () => {
  const { eventTypes } = fixture.store;
  const mine = samples.eventType({ applicationId: ids.next("application"), schema: null });
  await eventTypes.insert(mine);
  expect(await eventTypes.insert({ ...mine, description: "again" })).toEqual({ kind: "taken", field: "name" });
  const theirs = { ...mine, applicationId: ids.next("application") };
  expect(await eventTypes.find(theirs.applicationId, mine.name)).toBeNull();
  expect(await eventTypes.update(theirs.applicationId, mine.name, { archived: true })).toBeNull();
  expect(await eventTypes.insert(theirs)).toMatchObject({ kind: "inserted" });
});

test("lists are by name, in both orders, of one application, with archived ones on demand", async () => {
  const { eventTypes } = fixture.store;
  const applicationId = ids.next("application");
  const names = ["a", "a.b", "a.b.c", "a_b", "b", "z-1"];
  for (const name of names.toReversed()) await eventTypes.insert(samples.eventType({ applicationId, name }));
  await eventTypes.insert(samples.eventType({ applicationId: ids.next("application"), name: "foreign" }));
  await eventTypes.update(applicationId, "b", { archived: true });

  const sorted = names.toSorted();
  const first = await eventTypes.list(applicationId, { limit: 4, order: "oldest", after: null }, all);
  expect(first.rows.map((it) => it.name)).toEqual(sorted.slice(0, 4));
  expect(first.next).toBe(sorted[3]);
  const rest = await eventTypes.list(applicationId, { limit: 4, order: "oldest", after: first.next }, all);
  expect(rest.rows.map((it) => it.name)).toEqual(sorted.slice(4));
  expect(rest.next).toBeNull();
  const back = await eventTypes.list(applicationId, { limit: 10, order: "newest", after: "b" }, all);
  expect(back.rows.map((it) => it.name)).toEqual(["a_b", "a.b.c", "a.b", "a"]);
  const active = await eventTypes.list(
    applicationId,
    { limit: 10, order: "oldest", after: null },
    { includeArchived: false },
  );
  expect(active.rows.map((it) => it.name)).toEqual(sorted.filter((it) => it !== "b"));
});

test("an update changes what it names and the time of the update, nothing else", async () => {
  const { eventTypes } = fixture.store;
  const eventType = samples.eventType({ applicationId: ids.next("application") });
  await eventTypes.insert(eventType);
  clock.ms += 1_000;
  const change = { description: "New", schema: null, group: null };
  const updated = await eventTypes.update(eventType.applicationId, eventType.name, change);
  expect(updated).toEqual({ ...eventType, ...change, updatedAt: clock.at() });
  expect(await eventTypes.find(eventType.applicationId, eventType.name)).toEqual(updated);
});
