import { expect, test, vi } from "vitest";
import { operationPage } from "../../activities/operations.js";
import { sweepOnce } from "../../activities/sweep.js";
import { createActivityWorld } from "../support/activity-ports.js";

test("the sweep finds an orphan behind thousands of deliveries that are late in lanes that live", async () => {
  const world = createActivityWorld();
  const endpoint = world.newEndpoint();
  for (let count = 0; count < 2_500; count += 1) {
    world.newDelivery(world.newEvent({ state: "dispatched" }), endpoint, { workflowId: "alive" });
  }
  const orphan = world.newDelivery(world.newEvent({ state: "dispatched" }), endpoint, { workflowId: "gone" });
  world.ports.engine.isRunning = (workflowId) => Promise.resolve(workflowId === "alive");
  world.advance(600_000);

  const { lanes } = await sweepOnce(world.ports);

  expect(lanes.map((it) => it.deliveryIds)).toEqual([[orphan.id]]);
});

test("a look through thousands that are late in lanes that live is not repeated at once, and orphans are found later", async () => {
  const world = createActivityWorld();
  const endpoint = world.newEndpoint();
  for (let count = 0; count < 2_500; count += 1) {
    world.newDelivery(world.newEvent({ state: "dispatched" }), endpoint, { workflowId: "alive" });
  }
  let living = ["alive", "dies"];
  world.ports.engine.isRunning = (workflowId) => Promise.resolve(living.includes(workflowId));
  const orphan = world.newDelivery(world.newEvent({ state: "dispatched" }), endpoint, { workflowId: "dies" });
  world.advance(600_000);
  const reads = vi.spyOn(world.ports.deliveries, "overdue");

  expect((await sweepOnce(world.ports)).lanes).toEqual([]);
  expect(reads).toHaveBeenCalledTimes(3);
  living = ["alive"];
  expect((await sweepOnce(world.ports)).lanes).toEqual([]);
  expect(reads).toHaveBeenCalledTimes(3);
  world.advance(5_000);
  expect((await sweepOnce(world.ports)).lanes.map((it) => it.deliveryIds)).toEqual([[orphan.id]]);
});

test("what was given to another lane since it was seen to be an orphan is left to it", async () => {
  const world = createActivityWorld();
  const endpoint = world.newEndpoint();
  const orphan = world.newDelivery(world.newEvent({ state: "dispatched" }), endpoint, { workflowId: "gone" });
  world.ports.engine.isRunning = async () => {
    await world.ports.deliveries.takeOver([orphan.id], "gone", "another");
    return false;
  };
  world.advance(600_000);

  expect((await sweepOnce(world.ports)).lanes).toEqual([]);
  expect(world.delivery(orphan.id)?.workflowId).toBe("another");
});

test("what a release was about to start when it was killed is found by the sweep", async () => {
  const world = createActivityWorld();
  const endpoint = world.newEndpoint();
  const held = world.newDelivery(world.newEvent({ state: "dispatched" }), endpoint, {
    status: "held",
    nextAttemptAt: null,
    workflowId: null,
  });
  const release = { operationId: "op", kind: "release", endpointId: endpoint.id, reason: "", after: null } as const;
  await operationPage(world.ports, release);
  world.advance(600_000);

  const { lanes } = await sweepOnce(world.ports);

  expect(lanes.map((it) => it.deliveryIds)).toEqual([[held.id]]);
});

test("a release takes along what a lane has held while more became held, whatever its owner was", async () => {
  const world = createActivityWorld();
  const endpoint = world.newEndpoint();
  const rest = { status: "held", nextAttemptAt: null } as const;
  const before = world.newDelivery(world.newEvent(), endpoint, { ...rest, workflowId: "delivery/of-a-release-before" });
  const later = world.newDelivery(world.newEvent(), endpoint, { ...rest, workflowId: null });
  const release = { operationId: "op", kind: "release", endpointId: endpoint.id, reason: "", after: null } as const;

  const { lanes } = await operationPage(world.ports, release);

  expect(lanes.flatMap((it) => it.deliveryIds).sort()).toEqual([before.id, later.id]);
});
