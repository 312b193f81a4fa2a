import { expect, test } from "vitest";
import type { WebhookEvent } from "../../../core/model.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;

async function insert(change?: Partial<WebhookEvent>): Promise<string> {
  const event = samples.event(change);
  await fixture.store.events.insert(event);
  return event.id;
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await fixture.store.events.findByIds([id]))[0]?.state;
}

test("an event moves on only from the states named, and once", async () => {
  const { events } = fixture.store;
  const [accepted, scheduled, cancelled] = [
    await insert(),
    await insert({ state: "scheduled", deliverAt: clock.at(60_000) }),
    await insert({ state: "cancelled" }),
  ];
  const all = [accepted, scheduled, cancelled];
  expect(await events.setState(all, ["accepted", "scheduled"], "dispatched")).toBe(2);
  expect(await events.setState(all, ["accepted", "scheduled"], "dispatched")).toBe(0);
  expect(await Promise.all(all.map(stateOf))).toEqual(["dispatched", "dispatched", "cancelled"]);
  expect(await events.setState([], ["accepted"], "dispatched")).toBe(0);
});

test("of a dispatch and a cancellation at once exactly one wins", async () => {
  const second = await fixture.second();
  for (let round = 0; round < 10; round += 1) {
    const id = await insert({ state: "scheduled", deliverAt: clock.at(60_000) });
    const [dispatched, cancelled] = await Promise.all([
      fixture.store.events.setState([id], ["accepted", "scheduled"], "dispatched"),
      second.events.setState([id], ["scheduled"], "cancelled"),
    ]);
    expect(dispatched + cancelled).toBe(1);
    expect(await stateOf(id)).toBe(dispatched === 1 ? "dispatched" : "cancelled");
  }
});

test("of two that lease the same events at once each event goes to one", async () => {
  const second = await fixture.second();
  const eventIds = await Promise.all(Array.from({ length: 20 }, () => insert()));
  const [mine, theirs] = await Promise.all([
    fixture.store.events.lease(eventIds, "one", clock.at(10_000)),
    second.events.lease(eventIds.toReversed(), "two", clock.at(10_000)),
  ]);
  expect([...mine, ...theirs].sort()).toEqual(eventIds.toSorted());
});

test("a lease is its owner's to renew and everybody's once it is over", async () => {
  const { events } = fixture.store;
  const id = await insert();
  expect(await events.lease([id], "one", clock.at(1_000))).toEqual([id]);
  expect(await events.lease([id], "two", clock.at(9_000))).toEqual([]);
  expect(await events.lease([id], "one", clock.at(2_000))).toEqual([id]);
  clock.ms += 2_000;
  expect(await events.lease([id], "two", clock.at(1_000))).toEqual([id]);
  expect(await events.lease([id], "one", clock.at(1_000))).toEqual([]);
});

test("an event under a living head start is not leased, one whose head start is over is", async () => {
  const { events } = fixture.store;
  const id = await insert({ headStart: { processId: "p1", until: clock.at(1_000) } });
  expect(await events.lease([id], "sweep", clock.at(5_000))).toEqual([]);
  clock.ms += 1_000;
  expect(await events.lease([id], "sweep", clock.at(5_000))).toEqual([id]);
});

test("only undispatched events are leased", async () => {
  const { events } = fixture.store;
  const eventIds = [await insert(), await insert({ state: "dispatched" }), await insert({ state: "cancelled" })];
  expect(await events.lease([...eventIds, ids.next("event")], "one", clock.at(1_000))).toEqual(eventIds.slice(0, 1));
  await events.setState(eventIds, ["accepted"], "dispatched");
  expect(await events.lease(eventIds, "one", clock.at(1_000))).toEqual([]);
});

test("the sweep finds what was accepted before a time and what is due, oldest first, and nothing else", async () => {
  const { events } = fixture.store;
  clock.ms += 3_600_000;
  const start = clock.at();
  const before = (await events.undispatched(start, 250)).map((it) => it.id);
  await events.setState(before, ["accepted", "scheduled"], "dispatched");

  const due = await insert({ state: "scheduled", deliverAt: clock.at(2_000) });
  const later = await insert({ state: "scheduled", deliverAt: clock.at(60_000) });
  const old = [await insert(), await insert()];
  const done = await insert({ state: "dispatched" });
  clock.ms += 5_000;
  const fresh = await insert();

  const found = await events.undispatched(clock.at(), 250);
  expect(found.map((it) => it.id)).toEqual([due, ...old]);
  expect(found[0]).toEqual({
    id: due,
    applicationId: samples.event().applicationId,
    eventType: "workout.created",
    deliverAt: new Date(start.getTime() + 2_000),
  });
  expect((await events.undispatched(clock.at(), 2)).map((it) => it.id)).toEqual([due, old[0]]);
  expect(found.map((it) => it.id)).not.toContain(later);
  expect(found.map((it) => it.id)).not.toContain(done);
  expect((await events.undispatched(clock.at(1), 250)).map((it) => it.id)).toContain(fresh);
});
