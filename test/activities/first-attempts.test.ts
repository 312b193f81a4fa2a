import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { FirstAttempts } from "../../activities/first-attempts.js";
import { RecordedAttempts } from "../../activities/recorded-attempts.js";
import { deliveryIdOf } from "../../core/ids.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // there since the line above

/** The receiver answers its last request when that is called. */
function answerWhenTold(world: ActivityWorld): () => void {
  let answer = (): void => undefined;
  world.respond = () =>
    new Promise((resolve) => {
      answer = () => resolve({ outcome: "ok", statusCode: 200 });
    });
  return () => answer();
}

test("a head start that could outlast its own end makes no request: others attempt then", async () => {
  const world = createActivityWorld();
  world.newEndpoint({ timeoutMs: 15_000 });
  const attempts = new FirstAttempts(world.ports, { dispatch: () => undefined }, "this process");
  const claimed = attempts.claim(world.applicationId, 2);
  // The insert has taken this long.
  world.advance(14_000);
  const event = world.newEvent({ headStart: claimed });

  attempts.begin(event);
  const flight = attempts.adopt(event.id);
  const flying = flight === "over" ? null : await flight?.deliveries;

  expect(await Promise.all(flying?.map((it) => it.attempt.settled) ?? [])).toEqual([null]);
  expect(world.requests).toHaveLength(0);
});

test("there is no head start for more bytes than a process may keep in memory", () => {
  const world = createActivityWorld();
  world.newEndpoint();
  const attempts = new FirstAttempts(world.ports, { dispatch: () => undefined }, "this process");
  const payload = Buffer.alloc(40 * 1024 * 1024, "{}");
  const headStart = attempts.claim(world.applicationId, payload.byteLength);
  attempts.begin(world.newEvent({ headStart, payload }));

  expect(attempts.claim(world.applicationId, payload.byteLength)).toBeNull();
  expect(attempts.claim(world.applicationId, 1_000)).not.toBeNull();
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

test("an event gets its workflow when its first attempts are over and on record", async () => {
  const world = createActivityWorld();
  const endpoint = world.newEndpoint();
  const answer = answerWhenTold(world);
  const dispatched: string[] = [];
  const attempts = new FirstAttempts(world.ports, { dispatch: ({ id }) => void dispatched.push(id) }, "this process");
  const event = world.newEvent({ headStart: attempts.claim(world.applicationId, 2) });

  expect(attempts.begin(event)).toBe(true);
  await expect.poll(() => world.requests.length).toBe(1);
  expect(dispatched).toEqual([]);
  answer();
  await expect.poll(() => dispatched).toEqual([event.id]);
  expect(world.delivery(deliveryIdOf(event.id, endpoint.id))?.status).toBe("delivered");
});

test("while a receiver does not answer people see the delivery, and the event gets its workflow when that is over", async () => {
  const world = createActivityWorld();
  const endpoint = world.newEndpoint();
  const answer = answerWhenTold(world);
  const dispatched: string[] = [];
  const attempts = new FirstAttempts(world.ports, { dispatch: ({ id }) => void dispatched.push(id) }, "this process");
  const event = world.newEvent({ headStart: attempts.claim(world.applicationId, 2) });
  attempts.begin(event);
  const deliveryId = deliveryIdOf(event.id, endpoint.id);

  await expect.poll(() => world.delivery(deliveryId)?.status, { timeout: 10_000 }).toBe("pending");
  // A command that comes now waits until the attempt must be over.
  const dueMs = world.delivery(deliveryId)?.nextAttemptAt?.getTime() ?? 0;
  expect(dueMs).toBeGreaterThan(world.ports.clock.now());
  expect(dispatched).toEqual([]);
  answer();
  await expect.poll(() => dispatched).toEqual([event.id]);
  expect(world.delivery(deliveryId)).toMatchObject({ status: "delivered", attemptCount: 1 });
  expect(attempts.inFlight).toBe(0);
});

test("events whose retry is some seconds away are dispatched together, one whose retry comes at once by itself", async () => {
  const world = createActivityWorld();
  const patient = world.newEndpoint({ retryPolicy: { scheduleSeconds: [60], jitter: 0 } });
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  const dispatched: string[] = [];
  const attempts = new FirstAttempts(world.ports, { dispatch: ({ id }) => void dispatched.push(id) }, "this process");
  const begin = (): string => {
    const event = world.newEvent({ headStart: attempts.claim(world.applicationId, 2) });
    attempts.begin(event);
    return event.id;
  };
  const together = [begin(), begin()];
  await expect.poll(() => attempts.inFlight).toBe(0);
  expect(dispatched).toEqual([]);
  await expect.poll(() => dispatched, { timeout: 30_000 }).toEqual(together);

  world.state.endpoints.set(patient.id, { ...patient, retryPolicy: { scheduleSeconds: [1], jitter: 0 } });
  const alone = begin();
  await expect.poll(() => attempts.inFlight).toBe(0);
  expect(dispatched).toEqual([...together, alone]);

  // A process that ends leaves nothing behind.
  world.state.endpoints.set(patient.id, patient);
  const last = begin();
  await attempts.close(5_000);
  expect(dispatched).toEqual([...together, alone, last]);
});

test("an event without a head start of this process is left to whoever accepts it", () => {
  const world = createActivityWorld();
  const attempts = new FirstAttempts(world.ports, { dispatch: () => undefined }, "this process");
  const until = new Date(world.ports.clock.now() + 30_000);
  expect(attempts.begin(world.newEvent({ headStart: null }))).toBe(false);
  expect(attempts.begin(world.newEvent({ headStart: { processId: "another", until } }))).toBe(false);
});

test("of an event that its receivers have taken nothing is kept in memory but that it is over", async () => {
  const world = createActivityWorld();
  world.newEndpoint();
  const dispatched: string[] = [];
  const attempts = new FirstAttempts(world.ports, { dispatch: ({ id }) => void dispatched.push(id) }, "this process");
  const begin = (): [string, WeakRef<object>] => {
    const event = world.newEvent({ headStart: attempts.claim(world.applicationId, 2) });
    attempts.begin(event);
    world.state.events.delete(event.id);
    return [event.id, new WeakRef(event)];
  };
  const begun = Array.from({ length: 20 }, begin);
  await expect.poll(() => dispatched.length).toBe(begun.length);
  world.requests.length = 0;

  await expect.poll(() => (collectGarbage(), begun.filter(([, it]) => it.deref() !== undefined).length)).toBe(0);
  expect(begun.map(([id]) => attempts.adopt(id))).toEqual(begun.map(() => "over"));
});

test("what a workflow has adopted is not kept in memory once its attempts are over", async () => {
  const world = createActivityWorld();
  // What is to be tried again is its workflow's.
  world.newEndpoint({ retryPolicy: { scheduleSeconds: [1], jitter: 0 } });
  world.respond = () => Promise.resolve({ outcome: "http.500", statusCode: 500 });
  const dispatched: string[] = [];
  const attempts = new FirstAttempts(world.ports, { dispatch: ({ id }) => void dispatched.push(id) }, "this process");
  const ids = Array.from({ length: 20 }, () => {
    const event = world.newEvent({ headStart: attempts.claim(world.applicationId, 2) });
    attempts.begin(event);
    return event.id;
  });
  await expect.poll(() => dispatched.length).toBe(ids.length);

  const adopted = ids.map((id) => {
    const flight = attempts.adopt(id);
    if (flight === undefined || flight === "over") expect.fail("it was not there");
    return new WeakRef(flight);
  });

  await expect.poll(() => (collectGarbage(), adopted.filter((it) => it.deref() !== undefined).length)).toBe(0);
});
