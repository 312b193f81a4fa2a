import { beforeAll, expect, test } from "vitest";
import type { WebhookEvent } from "../../../core/model.js";
import type { EventFilter } from "../../../core/store-ports.js";
import { EVERY_EVENT } from "../samples.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;
const applicationId = ids.next("application");
const rows: WebhookEvent[] = [];

beforeAll(async () => {
  const add = (change: Partial<WebhookEvent>): void => {
    clock.ms += 1_000;
    rows.push(samples.event({ applicationId, ...change }));
  };
  add({ eventId: "order-1" });
  add({ eventId: "order-12", eventType: "workout.deleted" });
  add({ eventId: "a.c(d" });
  add({ channels: ["eu", "us"] });
  add({ eventId: "abcd", channels: ["us"] });
  add({ eventId: "msg_legacy" });
  await Promise.all(rows.map((it) => fixture.store.events.insert(it)));
  await fixture.store.events.insert(
    samples.event({ applicationId: ids.next("application"), eventId: "order-1", eventType: "workout.deleted" }),
  );
});

async function indexesOf(filter: Partial<EventFilter>): Promise<number[]> {
  const { events } = fixture.store;
  const page = await events.list(
    applicationId,
    { ...EVERY_EVENT, ...filter },
    { limit: 50, order: "oldest", after: null },
  );
  return page.rows.map((row) => rows.findIndex((it) => it.id === row.id));
}

test("an event is found by id and by eventId, and by nobody else", async () => {
  const { events } = fixture.store;
  const id = rows[0]?.id ?? "";
  expect((await events.find(applicationId, id))?.eventId).toBe("order-1");
  expect((await events.find(applicationId, "order-1"))?.id).toBe(id);
  expect((await events.find(applicationId, "msg_legacy"))?.id).toBe(rows[5]?.id);
  expect(await events.find(ids.next("application"), id)).toBeNull();
  expect(await events.find(ids.next("application"), "order-1")).toBeNull();
});

test("events are found in the order asked, unknown ones left out", async () => {
  const asked = [rows[3], rows[0], rows[5]].map((it) => it?.id ?? "");
  const found = await fixture.store.events.findByIds([asked[0] ?? "", ids.next("event"), ...asked.slice(1)]);
  expect(found.map((it) => it.id)).toEqual(asked);
  expect(await fixture.store.events.findByIds([])).toEqual([]);
});

test("a list leaves out payload, content hash and head start, and says how large the payload is", async () => {
  const { events } = fixture.store;
  const { rows: listed } = await events.list(applicationId, EVERY_EVENT, { limit: 1, order: "oldest", after: null });
  const { payload, ...rest } = rows[0] ?? samples.event();
  const expected = { ...rest, payloadBytes: payload.byteLength };
  expect(listed).toEqual([omit(expected, "contentHash", "headStart")]);
});

function omit(row: object, ...fields: string[]): object {
  return Object.fromEntries(Object.entries(row).filter(([field]) => !fields.includes(field)));
}

test("a list filters by type, by channel and by half-open window of time", async () => {
  expect(await indexesOf({})).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await indexesOf({ eventType: "workout.deleted" })).toEqual([1]);
  expect(await indexesOf({ channel: "us" })).toEqual([3, 4]);
  expect(await indexesOf({ channel: "asia" })).toEqual([]);
  const times = rows.map((it) => it.createdAt);
  expect(await indexesOf({ from: times[2] ?? null })).toEqual([2, 3, 4, 5]);
  expect(await indexesOf({ until: times[2] ?? null })).toEqual([0, 1]);
  expect(await indexesOf({ from: times[1] ?? null, until: times[3] ?? null, channel: null })).toEqual([1, 2]);
});

test("a text finds events by any part of their eventId, taken literally", async () => {
  expect(await indexesOf({ text: "order-1" })).toEqual([0, 1]);
  expect(await indexesOf({ text: "der-12" })).toEqual([1]);
  expect(await indexesOf({ text: "a.c(" })).toEqual([2]);
  expect(await indexesOf({ text: ".*" })).toEqual([]);
  expect(await indexesOf({ text: "" })).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a text finds events by the beginning of their id, or by a part of it", async () => {
  const id = rows[4]?.id ?? "";
  expect(await indexesOf({ text: id })).toEqual([4]);
  expect(await indexesOf({ text: id.slice(0, 25) })).toContain(4);
  expect(await indexesOf({ text: id.slice(8) })).toEqual([4]);
  expect(await indexesOf({ text: "msg_leg" })).toEqual([5]);
  expect(await indexesOf({ text: id, until: rows[4]?.createdAt ?? null })).toEqual([]);
});
