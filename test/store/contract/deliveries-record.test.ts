import { expect, test } from "vitest";
import type { Delivery } from "../../../core/model.js";
import { attempted } from "../samples.js";
import { useStore } from "./fixture.js";

let commands: string[] = [];
const fixture = useStore({ onCommand: (command) => void commands.push(command) });
const { samples, clock } = fixture;

const stored = (delivery: Delivery): Promise<Delivery | null> =>
  fixture.store.deliveries.find(delivery.applicationId, delivery.id);
const attemptsOf = async (delivery: Delivery): Promise<string[]> =>
  (await fixture.store.attempts.ofDelivery(delivery.id, 100)).map((it) => it.id);

test("a first attempt writes the attempt and the delivery, each as given", async () => {
  const delivery = attempted(samples.delivery(), 1, {
    status: "delivered",
    lastOutcome: "ok",
    lastStatusCode: 204,
    lastAttemptAt: clock.at(),
    workflowId: "w1",
  });
  const attempt = samples.attempt(delivery, { commandId: "c1", trigger: "manual" });
  await fixture.store.deliveries.record({ delivery, attempt });
  expect(await stored(delivery)).toEqual(delivery);
  expect(await fixture.store.attempts.find(attempt.applicationId, attempt.id)).toEqual(attempt);
});

test("recording the same attempt again changes nothing", async () => {
  const delivery = attempted(samples.delivery(), 1);
  const record = { delivery, attempt: samples.attempt(delivery) };
  await fixture.store.deliveries.record(record);
  await fixture.store.deliveries.settle([delivery.id], ["retrying"], {
    status: "held",
    reason: "paused",
    nextAttemptAt: null,
  });
  const before = await stored(delivery);
  await fixture.store.deliveries.record(record);
  await Promise.all([fixture.store.deliveries.record(record), fixture.store.deliveries.record(record)]);
  expect(await stored(delivery)).toEqual(before);
  expect(await attemptsOf(delivery)).toEqual([record.attempt.id]);
});

test("the number of attempts never goes back, in whatever order records arrive", async () => {
  for (const order of [
    [1, 2, 3],
    [3, 2, 1],
    [2, 3, 1],
    [3, 1, 2],
  ]) {
    const delivery = samples.delivery();
    for (const count of order) {
      const after = attempted(delivery, count, { reason: `after ${count}` });
      await fixture.store.deliveries.record({ delivery: after, attempt: samples.attempt(after) });
    }
    expect(await stored(delivery)).toMatchObject({ attemptCount: 3, reason: "after 3" });
    expect(await attemptsOf(delivery)).toHaveLength(3);
  }
});

test("an attempt that is recorded after a cancel counts, and the delivery stays cancelled", async () => {
  const delivery = samples.delivery();
  await fixture.store.deliveries.insertNew([delivery]);
  await fixture.store.deliveries.settle([delivery.id], ["pending"], {
    status: "cancelled",
    reason: "cancelled on request",
    nextAttemptAt: null,
  });
  const late = attempted(delivery, 1, { status: "retrying", nextAttemptAt: clock.at(), lastOutcome: "http.500" });
  await fixture.store.deliveries.record({ delivery: late, attempt: samples.attempt(late) });
  expect(await stored(delivery)).toMatchObject({
    status: "cancelled",
    reason: "cancelled on request",
    nextAttemptAt: null,
    attemptCount: 1,
    lastOutcome: "http.500",
  });

  const accepted = attempted(delivery, 2, { status: "delivered", nextAttemptAt: null, lastOutcome: "ok" });
  await fixture.store.deliveries.record({ delivery: accepted, attempt: samples.attempt(accepted) });
  expect(await stored(delivery)).toMatchObject({ status: "delivered", attemptCount: 2 });
});

test("records of one delivery that go out in one group end with the latest", async () => {
  const second = await fixture.second();
  for (let round = 0; round < 5; round += 1) {
    const delivery = samples.delivery();
    if (round % 2 === 0) await fixture.store.deliveries.insertNew([delivery]);
    const counts = [4, 1, 3, 2, 1, 4, 2];
    await Promise.all(
      counts.map((count, index) => {
        const after = attempted(delivery, count);
        const store = index % 2 === 0 ? fixture.store : second;
        return store.deliveries.record({ delivery: after, attempt: samples.attempt(after) });
      }),
    );
    expect((await stored(delivery))?.attemptCount).toBe(4);
    expect(await attemptsOf(delivery)).toHaveLength(counts.length);
  }
});

test("a record leaves the owner and the creation of a delivery that exists as they are", async () => {
  const delivery = samples.delivery({ workflowId: "lane" });
  await fixture.store.deliveries.insertNew([delivery]);
  for (const count of [1, 2]) {
    const after = attempted(delivery, count, { workflowId: null, createdAt: clock.at(99_000) });
    await fixture.store.deliveries.record({ delivery: after, attempt: samples.attempt(after) });
  }
  expect(await stored(delivery)).toMatchObject({
    workflowId: "lane",
    createdAt: delivery.createdAt,
    attemptCount: 2,
  });
});

test("a first attempt moves a delivery on that was written before", async () => {
  const delivery = samples.delivery({ workflowId: "lane", nextAttemptAt: clock.at() });
  await fixture.store.deliveries.insertNew([delivery]);
  const after = attempted(delivery, 1, { nextAttemptAt: clock.at(5_000), updatedAt: clock.at(1) });
  await fixture.store.deliveries.record({ delivery: after, attempt: samples.attempt(after) });
  expect(await stored(delivery)).toEqual(after);
});

test("one that has an owner moves on without an attempt to insert it, and is written if it is gone", async () => {
  const delivery = samples.delivery({ workflowId: "lane", nextAttemptAt: clock.at() });
  await fixture.store.deliveries.insertNew([delivery]);
  const after = attempted(delivery, 1, { updatedAt: clock.at(1) });
  commands = [];
  await fixture.store.deliveries.record({ delivery: after, attempt: samples.attempt(after) });
  expect(commands).toEqual(["insert", "update"]);
  expect(await stored(delivery)).toEqual(after);

  const gone = attempted(samples.delivery({ workflowId: "lane" }), 1);
  await fixture.store.deliveries.record({ delivery: gone, attempt: samples.attempt(gone) });
  expect(await stored(gone)).toEqual(gone);
});

test("a later attempt of a delivery that is missing writes it as given", async () => {
  const delivery = attempted(samples.delivery({ workflowId: "lane" }), 3);
  await fixture.store.deliveries.record({ delivery, attempt: samples.attempt(delivery) });
  expect(await stored(delivery)).toEqual(delivery);
});

test("a delivery that exists is not inserted again", async () => {
  const [known, fresh] = [attempted(samples.delivery(), 1), samples.delivery()];
  await fixture.store.deliveries.record({ delivery: known, attempt: samples.attempt(known) });
  await fixture.store.deliveries.insertNew([{ ...known, attemptCount: 0, status: "pending" }, fresh, fresh]);
  await fixture.store.deliveries.insertNew([]);
  expect(await stored(known)).toEqual(known);
  expect(await stored(fresh)).toEqual(fresh);
});

test("200 records at once take a few commands, and every one is on record", async () => {
  commands = [];
  const deliveries = Array.from({ length: 200 }, () => attempted(samples.delivery(), 1));
  await Promise.all(
    deliveries.map((it) => fixture.store.deliveries.record({ delivery: it, attempt: samples.attempt(it) })),
  );
  expect(commands.length).toBeLessThan(20);
  expect(await fixture.store.deliveries.findByIds(deliveries.map((it) => it.id))).toHaveLength(200);
  expect(await fixture.store.attempts.ofDeliveries(deliveries.map((it) => it.id))).toHaveLength(200);
});
