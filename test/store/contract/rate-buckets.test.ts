import { expect, test } from "vitest";
import { Turns } from "../../../activities/turns.js";
import type { Ask, RateBucket } from "../../../core/rate-limit.js";
import { useStore } from "./fixture.js";

const fixture = useStore();

const bucket: RateBucket = {
  ...{ perSecond: 1 / 3, burst: 2, epoch: 1, asOfMs: 2, tatMs: 1.25, passedTatMs: 0.1 + 0.2, delayMs: 0, version: 1 },
};

test("a bucket is read as it was written", async () => {
  const { rateBuckets } = fixture.store;
  expect(await rateBuckets.find("ep_one")).toBeNull();
  expect(await rateBuckets.replace("ep_one", null, bucket)).toBe(true);
  expect(await rateBuckets.find("ep_one")).toEqual(bucket);
});

test("a change is written only over what its writer has read", async () => {
  const { rateBuckets } = fixture.store;
  const next = { ...bucket, version: 2, tatMs: 5 };
  expect(await rateBuckets.replace("ep_two", null, bucket)).toBe(true);
  expect(await rateBuckets.replace("ep_two", null, next)).toBe(false);
  expect(await rateBuckets.replace("ep_two", bucket, next)).toBe(true);
  expect(await rateBuckets.replace("ep_two", bucket, { ...next, tatMs: 6 })).toBe(false);
  expect(await rateBuckets.replace("ep_two", { ...next, epoch: 7 }, { ...next, tatMs: 6 })).toBe(false);
  expect(await rateBuckets.find("ep_two")).toEqual(next);

  await rateBuckets.delete("ep_two");
  expect(await rateBuckets.replace("ep_two", next, { ...next, version: 3 })).toBe(false);
  expect(await rateBuckets.find("ep_two")).toBeNull();
});

test("turns that two processes take at the same time are those of one bucket: none is lost and none given twice", async () => {
  const stores = [fixture.store, await fixture.second()];
  const limit = { perSecond: 50, burst: 10, asOfMs: 0 };
  const ask = (): Ask => ({ kind: "reserve", reservation: null });
  const nowMs = fixture.clock.now();

  const calls = stores.flatMap(({ rateBuckets }) => {
    const turns = new Turns({ rateBuckets, clock: fixture.clock, random: Math.random });
    return Array.from({ length: 20 }, () => turns.take("ep_three", limit, [ask(), ask(), ask()]));
  });
  const taken = (await Promise.all(calls)).flat();

  const times = taken.map((it) => (it.reservation?.atMs ?? 0) - nowMs).sort((a, b) => a - b);
  expect(times).toHaveLength(120);
  expect(times).toEqual(Array.from({ length: 120 }, (_, index) => Math.max(0, (index - 9) * 20)));
});

test("waiting deliveries get the times that they are expected at, and those that ended stay as they are", async () => {
  const { store, samples, clock } = fixture;
  const waiting = samples.delivery({ status: "retrying", nextAttemptAt: clock.at() });
  const ended = samples.delivery({ status: "delivered", nextAttemptAt: null });
  await store.deliveries.insertNew([waiting, ended]);

  await store.deliveries.reschedule([
    { id: waiting.id, nextAttemptAt: clock.at(5_000) },
    { id: ended.id, nextAttemptAt: clock.at(6_000) },
  ]);

  expect(await store.deliveries.find(waiting.applicationId, waiting.id)).toMatchObject({
    nextAttemptAt: clock.at(5_000),
  });
  expect(await store.deliveries.find(ended.applicationId, ended.id)).toMatchObject({ nextAttemptAt: null });
});
