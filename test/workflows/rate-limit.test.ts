import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch, ownerOf } from "../support/lane.js";
import { until } from "../support/until.js";
import { VirtualTime } from "../support/virtual-time.js";

let time: VirtualTime;
beforeEach(async () => {
  time = await VirtualTime.start();
});
afterEach(async () => time.stop());

test("a lane waits for the turns of its deliveries, one after the other, and a retry for its own", async () => {
  time.answer = (_, index) =>
    index === 0 ? { outcome: "http.500", statusCode: 500 } : { outcome: "ok", statusCode: 200 };
  const endpoint = await time.newEndpoint({
    rateLimit: { perSecond: 0.1, burst: 1 },
    retryPolicy: { scheduleSeconds: [1], jitter: 0 },
  });
  const events = [
    await time.newEvent([endpoint]),
    await time.newEvent([endpoint]),
    await time.newEvent([endpoint]),
  ] as const;
  await dispatch(time, ...events);
  const lane = await ownerOf(time, events[0], endpoint);

  await lane.result();

  const ids = events.map((it) => it.id);
  expect(time.requests.map((it) => it.eventId)).toEqual([...ids, ids[0]]);
  const gaps = time.requests.slice(1).map((it, index) => it.atMs - (time.requests[index]?.atMs ?? 0));
  // The last second before a turn is the activity's, whose clock stands still here.
  for (const gapMs of gaps) expect(gapMs).toBeGreaterThanOrEqual(8_500);
  const { events: history } = await lane.fetchHistory();
  const summaries = (history ?? [])
    .flatMap((it) => it.userMetadata?.summary?.data ?? [])
    .map((it) => Buffer.from(it).toString());
  expect(summaries).toContain('"waits for its turn: 0.1 requests a second, 2 deliveries"');
});

test("a raised limit is noticed by a lane that waits", async () => {
  const endpoint = await time.newEndpoint({ rateLimit: { perSecond: 0.01, burst: 1 } });
  const events = [
    await time.newEvent([endpoint]),
    await time.newEvent([endpoint]),
    await time.newEvent([endpoint]),
  ] as const;
  await dispatch(time, ...events);
  await until("the first is sent", () => Promise.resolve(time.requests.length === 1 ? true : undefined));

  await time.store.endpoints.update(time.applicationId, endpoint.id, { rateLimit: { perSecond: 100, burst: 10 } });
  await (await ownerOf(time, events[0], endpoint)).result();

  const [first, ...rest] = time.requests.map((it) => it.atMs);
  expect(rest).toHaveLength(2);
  for (const atMs of rest) expect(atMs - (first ?? 0)).toBeLessThan(90_000);
});
