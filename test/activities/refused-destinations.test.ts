import { beforeEach, expect, test } from "vitest";
import { attemptDeliveries } from "../../activities/attempt-deliveries.js";
import { sweepOnce } from "../../activities/sweep.js";
import { BREAKER, FAILING_AFTER } from "../../core/endpoint-health.js";
import type { Delivery, Endpoint } from "../../core/model.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

const BLOCKED = ["blocked.url", "blocked.address"] as const;
const DAY_MS = 86_400_000;

let world: ActivityWorld;
let endpoint: Endpoint;
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint({ retryPolicy: { scheduleSeconds: [60], jitter: 0 } });
});

function refuse(outcome: (typeof BLOCKED)[number]): void {
  world.respond = () => Promise.resolve({ outcome, statusCode: null });
}

function attempt(...deliveries: readonly Delivery[]) {
  const orders = deliveries.map((it) => {
    const attemptCount = world.delivery(it.id)?.attemptCount ?? 0;
    return { deliveryId: it.id, attemptCount, commandId: null };
  });
  return attemptDeliveries(world.ports, { endpointId: endpoint.id, workflowId: "lane", orders, repeated: false });
}

function deliveries(count: number): Delivery[] {
  return Array.from({ length: count }, () => world.newDelivery(world.newEvent(), endpoint));
}

const stored = (): Endpoint => world.state.endpoints.get(endpoint.id) ?? endpoint;

test("a URL that is not allowed ends the delivery with its first attempt, and operators are told", async () => {
  refuse("blocked.url");
  const delivery = world.newDelivery(world.newEvent(), endpoint);

  expect(await attempt(delivery)).toEqual([{ deliveryId: delivery.id, kind: "final", status: "failed" }]);

  const outcome = { lastOutcome: "blocked.url", lastStatusCode: null } as const;
  const once = { attemptCount: 1, scheduledAttemptCount: 1, nextAttemptAt: null } as const;
  expect(world.delivery(delivery.id)).toMatchObject({ status: "failed", ...once, ...outcome });
  expect(world.told).toMatchObject([
    { type: "delivery.exhausted", deliveryId: delivery.id, attemptCount: 1, ...outcome },
  ]);

  world.advance(DAY_MS);
  expect((await sweepOnce(world.ports)).lanes).toEqual([]);
  await attempt(delivery);
  expect(world.requests).toHaveLength(1);
});

// Unlike a URL, an address is what a name server says today.
test("an address that is not allowed is tried again, and ends the delivery at the end of the schedule", async () => {
  refuse("blocked.address");
  const delivery = world.newDelivery(world.newEvent(), endpoint);
  const beganMs = world.ports.clock.now();

  expect(await attempt(delivery)).toMatchObject([{ kind: "open", attemptCount: 1, retriesMade: 1 }]);
  const retrying = world.delivery(delivery.id);
  expect(retrying).toMatchObject({ status: "retrying", attemptCount: 1, lastOutcome: "blocked.address" });
  expect(retrying?.nextAttemptAt?.getTime()).toBeGreaterThanOrEqual(beganMs + 60_000);
  expect(world.told).toEqual([]);

  world.advance(60_000);
  expect(await attempt(delivery)).toMatchObject([{ kind: "final", status: "failed" }]);
  expect(world.requests).toHaveLength(2);
});

test.each(BLOCKED)("%s is a failure of the endpoint, which is called failing and stays active", async (outcome) => {
  refuse(outcome);

  await attempt(...deliveries(FAILING_AFTER));
  await world.ports.watch.close();

  const { status, health } = stored();
  expect(status).toBe("active");
  expect(health).toMatchObject({ consecutiveFailures: FAILING_AFTER, lastOutcome: outcome, breaker: null });
  expect(world.told.filter((it) => it.type === "endpoint.failing")).toMatchObject([{ lastOutcome: outcome }]);
});

test.each(BLOCKED)("%s for most of the last requests opens the breaker", async (outcome) => {
  refuse(outcome);

  await attempt(...deliveries(BREAKER.windowAttempts));
  await world.ports.watch.close();

  expect(stored().health.breaker).toMatchObject({ openings: 1 });
});
