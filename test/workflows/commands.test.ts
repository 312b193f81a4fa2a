import { afterEach, beforeEach, expect, test } from "vitest";
import { command, dispatch, laneOf, untilDelivery } from "../support/lane.js";
import { VirtualTime } from "../support/virtual-time.js";

let time: VirtualTime;
beforeEach(async () => {
  time = await VirtualTime.start();
});
afterEach(async () => time.stop());

const FAILS = { outcome: "http.500", statusCode: 500 } as const;
const ACCEPTS = { outcome: "ok", statusCode: 200 } as const;

test("a resend while a retry waits makes one attempt now and leaves the schedule as it is", async () => {
  time.answer = () => FAILS;
  const endpoint = await time.newEndpoint({ retryPolicy: { scheduleSeconds: [3600], jitter: 0 } });
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  const waiting = await time.delivery(event, endpoint);

  await command(time, "resend", waiting);
  const after = await untilDelivery(time, { event, endpoint }, (it) => it.attemptCount === 2);

  expect(after).toMatchObject({ status: "retrying", scheduledAttemptCount: 1, nextAttemptAt: waiting.nextAttemptAt });
  await laneOf(time, event, endpoint).result();
  expect((await time.attempts(event, endpoint)).map((it) => it.trigger)).toEqual(["scheduled", "manual", "scheduled"]);
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "failed", attemptCount: 3 });
});

test("a resend that the receiver accepts ends the schedule", async () => {
  time.answer = (_, index) => (index === 0 ? FAILS : ACCEPTS);
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);

  await command(time, "resend", await time.delivery(event, endpoint));
  await laneOf(time, event, endpoint).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({
    status: "delivered",
    attemptCount: 2,
    nextAttemptAt: null,
  });
  expect(time.requests).toHaveLength(2);
});

test("a delivered delivery can be sent again, and stays delivered whatever the receiver answers", async () => {
  time.answer = (_, index) => (index === 0 ? ACCEPTS : FAILS);
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);

  const lane = await command(time, "resend", await time.delivery(event, endpoint));
  await lane.result();

  const delivery = await time.delivery(event, endpoint);
  expect(delivery).toMatchObject({
    status: "delivered",
    attemptCount: 2,
    scheduledAttemptCount: 1,
    lastOutcome: "http.500",
  });
});

test("a failed delivery can be sent again, and a success turns it into delivered without a new schedule", async () => {
  time.answer = (_, index) => (index === 2 ? ACCEPTS : FAILS);
  const endpoint = await time.newEndpoint({ retryPolicy: { scheduleSeconds: [], jitter: 0 } });
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);

  await (await command(time, "resend", await time.delivery(event, endpoint))).result();
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "failed", attemptCount: 2 });
  await (await command(time, "resend", await time.delivery(event, endpoint))).result();
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered", attemptCount: 3, reason: null });
});

test("a command that arrives twice counts once", async () => {
  time.answer = () => FAILS;
  const endpoint = await time.newEndpoint({ retryPolicy: { scheduleSeconds: [3600], jitter: 0 } });
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  const waiting = await time.delivery(event, endpoint);

  await command(time, "resend", waiting, "the-same");
  await command(time, "resend", waiting, "the-same");
  await laneOf(time, event, endpoint).result();

  const triggers = (await time.attempts(event, endpoint)).map((it) => it.trigger);
  expect(triggers.filter((it) => it === "manual")).toHaveLength(1);
});

test("a cancel while a retry waits ends the delivery, and nothing is sent any more", async () => {
  time.answer = () => FAILS;
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);

  await command(time, "cancel", await time.delivery(event, endpoint));
  await laneOf(time, event, endpoint).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({
    status: "cancelled",
    reason: "cancelled on request",
    nextAttemptAt: null,
  });
  expect(time.requests).toHaveLength(1);
});

test("a cancel of a delivered delivery changes nothing", async () => {
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);
  await dispatch(time, event);
  const delivered = await time.delivery(event, endpoint);

  await (await command(time, "cancel", delivered)).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered", attemptCount: 1 });
});

test("a cancel while a first attempt may be on its way waits until that is settled", async () => {
  const endpoint = await time.newEndpoint();
  const foreign = { processId: "another-process", until: new Date(time.nowMs + 3_600_000) };
  const event = await time.newEvent([endpoint], { headStart: foreign });
  await dispatch(time, event);
  const pending = await time.delivery(event, endpoint);
  expect(pending).toMatchObject({ status: "pending", attemptCount: 0, nextAttemptAt: foreign.until });

  await command(time, "cancel", pending);
  await laneOf(time, event, endpoint).result();

  // Nobody recorded an attempt until the head start was over, so the cancel came first.
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "cancelled" });
  expect(time.nowMs).toBeGreaterThanOrEqual(foreign.until.getTime());
  expect(time.requests).toHaveLength(0);
});

test("the head start of a process that died is made up for when it has run out", async () => {
  const endpoint = await time.newEndpoint();
  const foreign = { processId: "another-process", until: new Date(time.nowMs + 3_600_000) };
  const event = await time.newEvent([endpoint], { headStart: foreign });

  await dispatch(time, event);
  await laneOf(time, event, endpoint).result();

  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered", attemptCount: 1 });
  expect(time.requests[0]?.atMs).toBeGreaterThanOrEqual(foreign.until.getTime());
});
