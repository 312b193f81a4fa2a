import { expect, test } from "vitest";
import { FirstAttempts } from "../../activities/first-attempts.js";
import { RecordedAttempts } from "../../activities/recorded-attempts.js";
import { createActivityWorld } from "../support/activity-ports.js";

test("a head start that could outlast its own end makes no request: others attempt then", async () => {
  const world = createActivityWorld();
  world.newEndpoint({ timeoutMs: 15_000 });
  const attempts = new FirstAttempts(world.ports, "this process");
  const claimed = attempts.claim(2);
  // The insert has taken this long.
  world.advance(5_000);
  const event = world.newEvent({ headStart: claimed });

  attempts.begin(event);
  const flying = await attempts.adopt(event.id)?.deliveries;

  expect(await Promise.all(flying?.map((it) => it.attempt.settled) ?? [])).toEqual([null]);
  expect(world.requests).toHaveLength(0);
});

test("there is no head start for more bytes than a process may keep in memory", () => {
  const world = createActivityWorld();
  world.newEndpoint();
  const attempts = new FirstAttempts(world.ports, "this process");
  const payload = Buffer.alloc(40 * 1024 * 1024, "{}");
  const headStart = attempts.claim(payload.byteLength);
  attempts.begin(world.newEvent({ headStart, payload }));

  expect(attempts.claim(payload.byteLength)).toBeNull();
  expect(attempts.claim(1_000)).not.toBeNull();
});

test("a result that the store did not take is written when the store is back, although nobody asks again", async () => {
  const { ports, state, ...world } = createActivityWorld();
  const delivery = world.newDelivery(world.newEvent(), world.newEndpoint());
  const attempt = world.newAttempt(delivery);
  const recorder = new RecordedAttempts(ports.deliveries, ports.log, { triesMs: [1], laterMs: 5 });
  state.isDown = true;
  const after = { ...delivery, status: "delivered", attemptCount: 1 } as const;
  await expect(recorder.write({ attempt, delivery: after })).rejects.toMatchObject({ code: "store_unavailable" });

  state.isDown = false;

  await expect.poll(() => world.delivery(delivery.id)?.status).toBe("delivered");
});
