import { expect, test } from "vitest";
import type { Delivery } from "../../../core/model.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, clock, ids } = fixture;

async function insert(change?: Partial<Delivery>): Promise<string> {
  const delivery = samples.delivery(change);
  await fixture.store.deliveries.insertNew([delivery]);
  return delivery.id;
}

async function stored(id: string): Promise<Delivery | undefined> {
  return (await fixture.store.deliveries.findByIds([id]))[0];
}

test("a delivery passes from the owner named, or from nobody, and from no one else", async () => {
  const { deliveries } = fixture.store;
  const [nobodys, olds, others] = [
    await insert(),
    await insert({ workflowId: "old" }),
    await insert({ workflowId: "other" }),
  ];
  clock.ms += 1_000;
  const all = [others, olds, nobodys, samples.delivery().id];
  expect(await deliveries.takeOver(all, "old", "new")).toEqual([olds, nobodys]);
  expect(await stored(olds)).toMatchObject({ workflowId: "new", updatedAt: clock.at() });
  expect((await stored(others))?.workflowId).toBe("other");
  const before = await stored(olds);
  clock.ms += 1_000;
  expect(await deliveries.takeOver(all, "old", "new")).toEqual([olds, nobodys]);
  expect(await deliveries.takeOver(all, "new", "new")).toEqual([olds, nobodys]);
  expect(await stored(olds)).toEqual(before);
  expect(await deliveries.takeOver(all, null, "third")).toEqual([]);
  expect(await deliveries.takeOver([], null, "third")).toEqual([]);
});

/** Of the endpoint of that delivery. */
async function ownerless(deliveryId: string, beforeMs: number, limit = 1_000): Promise<string[]> {
  const endpointId = (await stored(deliveryId))?.endpointId ?? "";
  return (await fixture.store.deliveries.ownerless(endpointId, clock.at(beforeMs), limit)).map((it) => it.id);
}

test("only its owner parks a delivery, and only one that waits for an attempt", async () => {
  const { deliveries } = fixture.store;
  const [pending, retrying, others, done] = [
    await insert({ workflowId: "lane" }),
    await insert({ workflowId: "lane", status: "retrying", attemptCount: 1 }),
    await insert({ workflowId: "another" }),
    await insert({ workflowId: "lane", status: "delivered" }),
  ];
  clock.ms += 1_000;
  const change = { reason: "its endpoint fails", nextAttemptAt: clock.at(30_000) };
  await deliveries.park([pending, retrying, others, done], "lane", change);
  await deliveries.park([], "lane", change);

  expect(await stored(pending)).toMatchObject({
    ...change,
    workflowId: null,
    status: "pending",
    updatedAt: clock.at(),
  });
  expect(await stored(retrying)).toMatchObject({ ...change, workflowId: null, status: "retrying", attemptCount: 1 });
  expect(await stored(others)).toMatchObject({ workflowId: "another", reason: null });
  expect(await stored(done)).toMatchObject({ workflowId: "lane", reason: null });
  expect(await ownerless(pending, 30_001)).toEqual([pending]);
  expect(await ownerless(retrying, 30_001)).toEqual([retrying]);
  expect(await ownerless(retrying, 29_999)).toEqual([]);
  expect(await deliveries.takeOver([pending], null, "next")).toEqual([pending]);
});

test("what nobody owns is found when it is due: that of one endpoint, oldest first, and some of all endpoints but a few", async () => {
  const { deliveries } = fixture.store;
  const [one, other] = [ids.next("endpoint"), ids.next("endpoint")];
  const first = await insert({ endpointId: one, workflowId: null, nextAttemptAt: clock.at(3_000), status: "retrying" });
  const second = await insert({ endpointId: one, workflowId: null, nextAttemptAt: clock.at(1_000) });
  const others = await insert({ endpointId: other, workflowId: null, nextAttemptAt: clock.at(2_000) });
  const owned = await insert({ endpointId: one, workflowId: "lane", nextAttemptAt: clock.at(1_000) });
  const final = await insert({ endpointId: one, workflowId: null, nextAttemptAt: clock.at(1_000), status: "failed" });
  const due = async (atMs: number, except: string[] = []): Promise<string[]> => {
    const found = await deliveries.ownerlessDue(clock.at(atMs), except, 10_000);
    const isOurs = (it: { endpointId: string }): boolean => it.endpointId === one || it.endpointId === other;
    return found.filter(isOurs).map((it) => it.id);
  };

  expect(await ownerless(first, 4_000)).toEqual([first, second]);
  expect(await ownerless(first, 4_000, 1)).toEqual([first]);
  expect(await ownerless(first, 2_500)).toEqual([second]);
  expect((await due(4_000)).sort()).toEqual([first, second, others].sort());
  expect(await due(1_500)).toEqual([second]);
  expect(await due(4_000, [one])).toEqual([others]);
  expect(await due(4_000, [one, other])).toEqual([]);
  expect(await deliveries.ownerlessDue(clock.at(4_000), [], 2)).toHaveLength(2);
  for (const id of [owned, final]) expect((await stored(id))?.nextAttemptAt).toEqual(clock.at(1_000));
});

test("of two workflows that take over at once each delivery goes to one", async () => {
  const second = await fixture.second();
  for (const from of [null, "old"]) {
    const all = await Promise.all(Array.from({ length: 20 }, () => insert({ workflowId: from })));
    const [one, two] = await Promise.all([
      fixture.store.deliveries.takeOver(all, from, "one"),
      second.deliveries.takeOver(all.toReversed(), from, "two"),
    ]);
    expect([...one, ...two].sort()).toEqual(all.toSorted());
    for (const id of one) expect((await stored(id))?.workflowId).toBe("one");
  }
});

test("a delivery is settled only from the states named, and once", async () => {
  const { deliveries } = fixture.store;
  const all = [await insert({ status: "retrying" }), await insert({ status: "held" }), await insert()];
  const done = await insert({ status: "delivered" });
  clock.ms += 1_000;
  const change = { status: "cancelled", reason: "The endpoint was deleted.", nextAttemptAt: null } as const;
  expect(await deliveries.settle([...all, done], ["retrying", "held", "pending"], change)).toBe(3);
  expect(await deliveries.settle([...all, done], ["retrying", "held", "pending"], change)).toBe(0);
  expect(await stored(all[0] ?? "")).toMatchObject({ ...change, updatedAt: clock.at() });
  expect((await stored(done))?.status).toBe("delivered");
  expect(await deliveries.settle([ids.next("event")], ["pending"], change)).toBe(0);
});

test("what becomes held has no owner any more, what becomes anything else keeps its owner", async () => {
  const { deliveries } = fixture.store;
  const id = await insert({ status: "retrying", workflowId: "lane" });
  await deliveries.settle([id], ["retrying"], { status: "pending", reason: null, nextAttemptAt: null });
  expect((await stored(id))?.workflowId).toBe("lane");
  await deliveries.settle([id], ["pending"], { status: "held", reason: "paused", nextAttemptAt: null });
  expect((await stored(id))?.workflowId).toBeNull();
});

test("of two that settle a delivery at once one does", async () => {
  const second = await fixture.second();
  for (let round = 0; round < 10; round += 1) {
    const id = await insert({ status: "held" });
    const moved = await Promise.all([
      fixture.store.deliveries.settle([id], ["held"], { status: "retrying", reason: null, nextAttemptAt: clock.at() }),
      second.deliveries.settle([id], ["held"], { status: "cancelled", reason: "by a person", nextAttemptAt: null }),
    ]);
    expect(moved.toSorted()).toEqual([0, 1]);
    expect((await stored(id))?.status).toBe(moved[0] === 1 ? "retrying" : "cancelled");
  }
});
