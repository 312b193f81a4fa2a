import { beforeAll, expect, test } from "vitest";
import type { Delivery, DeliveryStatus } from "../../../core/model.js";
import type { DeliveryFilter, OverdueDelivery } from "../../../core/store-ports.js";
import { EVERY_DELIVERY } from "../samples.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;
const applicationId = ids.next("application");
const endpointId = ids.next("endpoint");
const eventIds: string[] = [];
const rows: Delivery[] = [];
const start = clock.at();

beforeAll(async () => {
  const add = (change: Partial<Delivery>): void => {
    clock.ms += 1_000;
    const eventId = ids.next("event");
    eventIds.push(eventId);
    rows.push(samples.delivery({ applicationId, eventId, ...change }));
  };
  add({ status: "delivered", attemptCount: 1, lastStatusCode: 204, lastOutcome: "ok", endpointId });
  add({ status: "failed", attemptCount: 3, lastStatusCode: 404, lastOutcome: "http.404", eventType: "a.b" });
  add({ status: "retrying", attemptCount: 1, lastOutcome: "connect.refused", nextAttemptAt: clock.at(60_000) });
  add({ status: "pending" });
  add({ status: "held", attemptCount: 1, lastStatusCode: 503, lastOutcome: "http.503", endpointId });
  rows.push(samples.delivery({ applicationId, eventId: eventIds[0] ?? "", status: "failed" }));
  rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  await fixture.store.deliveries.insertNew(rows);
  await fixture.store.deliveries.insertNew([
    samples.delivery({
      applicationId: ids.next("application"),
      status: "failed",
      lastStatusCode: 404,
      attemptCount: 1,
    }),
  ]);
});

async function matching(filter: Partial<DeliveryFilter>, application = applicationId): Promise<Delivery[]> {
  const page = { limit: 50, order: "oldest", after: null } as const;
  return (await fixture.store.deliveries.list(application, { ...EVERY_DELIVERY, ...filter }, page)).rows;
}

test("a list holds the deliveries of its application, filtered by state, endpoint, event and type", async () => {
  expect(await matching({})).toEqual(rows);
  expect(await matching({ status: "failed" })).toEqual(rows.filter((it) => it.status === "failed"));
  expect(await matching({ endpointId })).toEqual(rows.filter((it) => it.endpointId === endpointId));
  expect(await matching({ endpointId, status: "held" })).toHaveLength(1);
  expect(await matching({ eventId: eventIds[0] ?? null })).toEqual(rows.filter((it) => it.eventId === eventIds[0]));
  expect(await matching({ eventType: "a.b" })).toEqual(rows.filter((it) => it.eventType === "a.b"));
  expect(await matching({ eventId: eventIds[1] ?? null, status: "pending" })).toEqual([]);
});

test("a list filters by the class of the last answer, 0 being attempts without one", async () => {
  const codes = async (httpClass: number): Promise<(number | null)[]> =>
    (await matching({ httpClass })).map((it) => it.lastStatusCode);
  expect(await codes(2)).toEqual([204]);
  expect(await codes(3)).toEqual([]);
  expect(await codes(4)).toEqual([404]);
  expect(await codes(5)).toEqual([503]);
  expect((await matching({ httpClass: 0 })).map((it) => it.lastOutcome)).toEqual(["connect.refused"]);
});

test("a list filters by the time of the event, half-open", async () => {
  const second = new Date(start.getTime() + 2_000);
  const fourth = new Date(start.getTime() + 4_000);
  const between = await matching({ from: second, until: fourth });
  expect(between.map((it) => it.eventId)).toEqual([eventIds[1], eventIds[2]]);
  expect(await matching({ from: second, eventId: eventIds[0] ?? null })).toEqual([]);
});

test("deliveries of another application are invisible", async () => {
  const other = ids.next("application");
  expect(await matching({}, other)).toEqual([]);
  expect(await matching({ eventId: eventIds[0] ?? null }, other)).toEqual([]);
  expect(await matching({ endpointId }, other)).toEqual([]);
  expect(await fixture.store.deliveries.find(other, rows[0]?.id ?? "")).toBeNull();
  expect(await fixture.store.deliveries.find(applicationId, rows[0]?.id ?? "")).toEqual(rows[0]);
});

test("the deliveries of events are theirs, and those of no event between them", async () => {
  const asked = [eventIds[0] ?? "", eventIds[3] ?? "", ids.next("event")];
  const expected = rows.filter((it) => asked.includes(it.eventId));
  expect(await fixture.store.deliveries.ofEvents(asked)).toEqual(expected);
  expect(await fixture.store.deliveries.ofEvents(asked.toReversed())).toEqual(expected);
  expect(await fixture.store.deliveries.ofEvents([])).toEqual([]);
});

test("deliveries of an event are counted by state", async () => {
  expect(await fixture.store.deliveries.countByStatus({ eventId: eventIds[0] ?? "" })).toEqual({
    delivered: 1,
    failed: 1,
  });
  expect(await fixture.store.deliveries.countByStatus({ eventId: ids.next("event") })).toEqual({});
});

test("the ids of an endpoint's deliveries come in order, after an id, by state", async () => {
  const { deliveries } = fixture.store;
  const mine = rows.filter((it) => it.endpointId === endpointId).map((it) => it.id);
  expect(await deliveries.idsOfEndpoint(endpointId, ["delivered", "held"], null, 10)).toEqual(mine);
  expect(await deliveries.idsOfEndpoint(endpointId, ["delivered", "held"], null, 1)).toEqual(mine.slice(0, 1));
  expect(await deliveries.idsOfEndpoint(endpointId, ["delivered", "held"], mine[0] ?? null, 10)).toEqual(mine.slice(1));
  expect(await deliveries.idsOfEndpoint(endpointId, ["held"], null, 10)).toEqual(mine.slice(1));
});

test("the sweep finds pending and retrying deliveries that are due, or old and without a time", async () => {
  const { deliveries } = fixture.store;
  clock.ms += 3_600_000;
  const due = { pending: samples.delivery(), retrying: samples.delivery({ status: "retrying" }) };
  const now = clock.ms;
  await deliveries.insertNew([
    { ...due.pending, nextAttemptAt: new Date(now - 1) },
    { ...due.retrying, nextAttemptAt: null, updatedAt: new Date(now - 1) },
    samples.delivery({ nextAttemptAt: new Date(now) }),
    samples.delivery({ updatedAt: new Date(now) }),
    samples.delivery({ status: "held", nextAttemptAt: new Date(now - 1) }),
    samples.delivery({ status: "failed", updatedAt: new Date(now - 1) }),
    samples.delivery({ status: "retrying", nextAttemptAt: new Date(now + 1), updatedAt: new Date(now - 9) }),
  ]);
  const found = await deliveries.overdue(new Date(now), null, 100);
  const expected = [...rows.filter((it) => ["pending", "retrying"].includes(it.status)), due.pending, due.retrying];
  expect(found.map((it) => it.id).toSorted()).toEqual(expected.map((it) => it.id).toSorted());
  const second = found[1] ?? null;
  expect(await deliveries.overdue(new Date(now), second, 1)).toEqual([
    { id: due.pending.id, workflowId: due.pending.workflowId, nextAttemptAt: new Date(now - 1) },
  ]);

  // Settling decides who waits: what was cancelled waits no more, what was released waits again.
  const settle = (from: DeliveryStatus, status: DeliveryStatus): Promise<number> =>
    deliveries.settle([due.pending.id], [from], { status, reason: null, nextAttemptAt: null });
  await settle("pending", "held");
  clock.ms += 1;
  expect((await deliveries.overdue(clock.at(), second, 1)).map((it) => it.id)).toEqual([due.retrying.id]);
  await settle("held", "retrying");
  clock.ms += 1;
  const last = await deliveries.overdue(clock.at(), second, 10);
  expect(last).toContainEqual({
    id: due.pending.id,
    workflowId: due.pending.workflowId,
    nextAttemptAt: new Date(now + 1),
  });
});

test("what is overdue comes in the order of its time, and every page goes on where the one before ended", async () => {
  const { deliveries } = fixture.store;
  clock.ms += 3_600_000;
  const overdue = [0, 5, 5, 5, 2, 5, 1, 5].map((lateMs) => samples.delivery({ nextAttemptAt: clock.at(-lateMs) }));
  await deliveries.insertNew(overdue);
  const until = clock.at(1);
  const ours = new Set(overdue.map((it) => it.id));
  for (const limit of [1, 2, 3, 5, 100]) {
    const pages: OverdueDelivery[] = [];
    for (let page = await deliveries.overdue(until, null, limit); page.length > 0;) {
      pages.push(...page);
      page = await deliveries.overdue(until, page.at(-1) ?? null, limit);
    }
    const expected = overdue.toSorted(
      (a, b) => Number(a.nextAttemptAt) - Number(b.nextAttemptAt) || (a.id < b.id ? -1 : 1),
    );
    expect(pages.map((it) => it.id).filter((it) => ours.has(it))).toEqual(expected.map((it) => it.id));
  }
});
