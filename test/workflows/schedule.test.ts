import { afterEach, beforeEach, expect, test } from "vitest";
import { DEFAULT_RETRY_POLICY } from "../../core/retry.js";
import type { Endpoint, WebhookEvent } from "../../core/model.js";
import { VirtualTime } from "../support/virtual-time.js";
import { dispatch, laneOf } from "../support/lane.js";

let time: VirtualTime;
beforeEach(async () => {
  time = await VirtualTime.start();
});
afterEach(async () => time.stop());

/** Dispatches the event and follows its lane to the end, over as many days as it takes. */
async function deliver(event: WebhookEvent, endpoint: Endpoint): Promise<void> {
  await dispatch(time, event);
  await laneOf(time, event, endpoint).result();
}

function waitsSeconds(): number[] {
  return time.requests.slice(1).map((it, index) => (it.atMs - (time.requests[index]?.atMs ?? 0)) / 1000);
}

test("a receiver that always fails gets eight attempts over the whole published schedule, within the jitter", async () => {
  time.answer = () => ({ outcome: "http.500", statusCode: 500 });
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);

  await deliver(event, endpoint);

  const waits = waitsSeconds();
  expect(waits).toHaveLength(DEFAULT_RETRY_POLICY.scheduleSeconds.length);
  for (const [index, step] of DEFAULT_RETRY_POLICY.scheduleSeconds.entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(step * 0.8);
    // Later by what an activity takes to begin, never earlier.
    expect(waits[index]).toBeLessThanOrEqual(step * 1.2 + 5);
  }
  const delivery = await time.delivery(event, endpoint);
  expect(delivery).toMatchObject({ status: "failed", attemptCount: 8, scheduledAttemptCount: 8, nextAttemptAt: null });
  expect(delivery.reason).toBe("the retry schedule is exhausted after 8 attempts");
  const attempts = await time.attempts(event, endpoint);
  expect(attempts.map((it) => it.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(new Set(attempts.map((it) => it.trigger))).toEqual(new Set(["scheduled"]));
});

test("a receiver that recovers gets no attempt after the one that it accepted", async () => {
  time.answer = (_, index) =>
    index < 2 ? { outcome: "http.500", statusCode: 500 } : { outcome: "ok", statusCode: 200 };
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);

  await deliver(event, endpoint);

  expect(time.requests).toHaveLength(3);
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "delivered", attemptCount: 3 });
});

test("Retry-After delays an attempt by up to an hour, or up to twice a long step", async () => {
  const hints = ["8", "100000", "1"];
  time.answer = (_, index) => ({ outcome: "http.503", statusCode: 503, retryAfter: hints[index] ?? "0" });
  const endpoint = await time.newEndpoint({ retryPolicy: { scheduleSeconds: [5, 300, 1800], jitter: 0 } });
  const event = await time.newEvent([endpoint]);

  await deliver(event, endpoint);

  const [first, second, third] = waitsSeconds();
  expect(first).toBeGreaterThanOrEqual(8);
  expect(first).toBeLessThanOrEqual(15);
  expect(second).toBeGreaterThanOrEqual(3600);
  expect(second).toBeLessThanOrEqual(3605);
  expect(third).toBeGreaterThanOrEqual(1800);
  expect(third).toBeLessThanOrEqual(1805);
});

test("410 fails the delivery at once and disables the endpoint", async () => {
  time.answer = () => ({ outcome: "gone", statusCode: 410 });
  const endpoint = await time.newEndpoint();
  const event = await time.newEvent([endpoint]);

  await dispatch(time, event);

  expect(time.requests).toHaveLength(1);
  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "failed", lastOutcome: "gone" });
  expect(await time.store.endpoints.findById(endpoint.id)).toMatchObject({ status: "disabled", statusReason: "gone" });
});

test("an endpoint without a schedule gets one attempt", async () => {
  time.answer = () => ({ outcome: "http.500", statusCode: 500 });
  const endpoint = await time.newEndpoint({ retryPolicy: { scheduleSeconds: [], jitter: 0 } });
  const event = await time.newEvent([endpoint]);

  await dispatch(time, event);

  expect(await time.delivery(event, endpoint)).toMatchObject({ status: "failed", attemptCount: 1 });
});

test("failures of one endpoint in one burst share a workflow, and each delivery keeps its own count", async () => {
  time.answer = (_, index) =>
    index < 3 ? { outcome: "http.500", statusCode: 500 } : { outcome: "ok", statusCode: 200 };
  const endpoint = await time.newEndpoint();
  const events = [await time.newEvent([endpoint]), await time.newEvent([endpoint]), await time.newEvent([endpoint])];

  await dispatch(time, ...events);
  const [first] = events;
  if (first === undefined) throw new Error("three events were made");
  const owner = (await time.delivery(first, endpoint)).workflowId ?? "";
  expect(owner).toMatch(/^deliveries\/dlv_\w+\+2$/);
  await time.env.client.workflow.getHandle(owner).result();

  for (const event of events) {
    expect(await time.delivery(event, endpoint)).toMatchObject({
      status: "delivered",
      attemptCount: 2,
      workflowId: owner,
    });
  }
});

test("an endpoint that fails for 5 days is disabled, and what waits is held", async () => {
  time.answer = () => ({ outcome: "http.500", statusCode: 500 });
  const twiceADay = Array<number>(13).fill(12 * 3600);
  const endpoint = await time.newEndpoint({ retryPolicy: { scheduleSeconds: twiceADay, jitter: 0 } });
  const event = await time.newEvent([endpoint]);

  await deliver(event, endpoint);

  // At 0 h, 12 h, ... 120 h.
  expect(time.requests).toHaveLength(11);
  expect(await time.store.endpoints.findById(endpoint.id)).toMatchObject({
    status: "disabled",
    statusReason: "failing",
  });
  const delivery = await time.delivery(event, endpoint);
  expect(delivery).toMatchObject({ status: "held", attemptCount: 11, reason: "the endpoint is disabled" });
});
