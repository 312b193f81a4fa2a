import { afterEach, beforeEach, expect, test } from "vitest";
import { createEndpoint, publish, untilDelivery } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import type { Installation } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { Receiver } from "../support/receiver.js";

let installation: Installation;
let receiver: Receiver;
beforeEach(async () => {
  installation = await newInstallation();
  receiver = await startReceiver();
});
afterEach(async () => receiver.close());

test("a restart between two attempts continues the schedule", async () => {
  receiver.answer((_, index) => ({ status: index === 0 ? 500 : 200 }));
  const before = await Posthorn.start(installation);
  const endpoint = await createEndpoint(before, {
    url: receiver.url,
    retryPolicy: { scheduleSeconds: [6, 3600], jitter: 0 },
  });
  const event = await publish(before, { endpointIds: [endpoint.id] });
  const ids = { eventId: event.id, endpointId: endpoint.id };
  await untilDelivery(before, ids, (it) => it.status === "retrying");
  await before.stop();

  const after = await Posthorn.start(installation);
  const delivery = await untilDelivery(after, ids, (it) => it.status === "delivered");

  expect(delivery.attempts.map((it) => it.number)).toEqual([1, 2]);
  expect(receiver.requests).toHaveLength(2);
  await after.stop();
});

test("kill -9 right after the answer loses nothing: every accepted event is delivered by the next process", async () => {
  const first = await Posthorn.start(installation);
  const endpoint = await createEndpoint(first, { url: receiver.url });
  const accepted: string[] = [];
  const publishing = Array.from({ length: 40 }, async (_, index) => {
    const answer = await first.call<{ id: string }>("POST", "/v1/events", {
      eventType: "burst.event",
      payload: { index },
    });
    if (answer.status === 202) accepted.push(answer.body.id);
    if (accepted.length === 20) await first.kill();
  });
  await Promise.allSettled(publishing);
  expect(accepted.length).toBeGreaterThanOrEqual(20);

  const second = await Posthorn.start(installation);
  for (const eventId of accepted) {
    await untilDelivery(second, { eventId, endpointId: endpoint.id }, (it) => it.status === "delivered", 90_000);
  }
  const seen = new Set(receiver.requests.map((it) => it.headers["webhook-id"]));
  expect(accepted.filter((id) => !seen.has(id))).toEqual([]);
  await second.stop();
}, 180_000);
