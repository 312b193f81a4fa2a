import { beforeEach, expect, test } from "vitest";
import { attemptDeliveries } from "../../activities/attempt-deliveries.js";
import { LIMITS } from "../../core/limits.js";
import type { Endpoint } from "../../core/model.js";
import { receiverStateAfter } from "../../core/receiver-state.js";
import { Secret } from "../../core/secret.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

let world: ActivityWorld;
let endpoint: Endpoint;
/** What was written about endpoints. */
let writes: unknown[];
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint({ profile: "metriport" });
  writes = [];
  const { endpoints } = world.ports;
  const update = endpoints.update.bind(endpoints);
  endpoints.update = (applicationId, id, change) => {
    writes.push(change);
    return update(applicationId, id, change);
  };
});

const OK = { outcome: "ok", statusCode: 200 } as const;
const NOT_FOUND = { outcome: "http.404", statusCode: 404 } as const;
const UNHEALTHY = { healthy: false, detail: "Request failed with status code 404" };

async function attempt(
  answer: Awaited<ReturnType<ActivityWorld["respond"]>>,
  change: { commandId?: string; test?: boolean } = {},
) {
  world.respond = () => Promise.resolve(answer);
  const delivery = world.newDelivery(world.newEvent({ test: change.test ?? false }), endpoint);
  const order = { deliveryId: delivery.id, attemptCount: 0, commandId: change.commandId ?? null };
  const lane = { endpointId: endpoint.id, workflowId: "lane", orders: [order], repeated: false };
  return attemptDeliveries(world.ports, lane);
}

function receiver() {
  return world.state.endpoints.get(endpoint.id)?.receiver;
}

test("the first failure makes a receiver unhealthy, the next success healthy, and only turns are written", async () => {
  await attempt(NOT_FOUND);
  expect(receiver()).toEqual(UNHEALTHY);
  await attempt(NOT_FOUND);
  expect(writes).toHaveLength(1);
  await attempt(OK);
  expect(receiver()).toEqual({ healthy: true, detail: "OK" });
  await attempt(OK);
  expect(writes).toHaveLength(2);
});

test("a failure of another kind changes the detail of an unhealthy receiver", async () => {
  await attempt(NOT_FOUND);
  await attempt({ outcome: "http.500", statusCode: 500 });

  expect(receiver()).toEqual({ healthy: false, detail: "Request failed with status code 500" });
});

test("test attempts and attempts that a person asked for count as well", async () => {
  await attempt(NOT_FOUND, { test: true });
  expect(receiver()).toEqual(UNHEALTHY);
  await attempt(OK, { commandId: "resend" });
  expect(receiver()).toEqual({ healthy: true, detail: "OK" });
});

test("a fault of ours and endpoints of other profiles leave the receiver's state alone", async () => {
  await attempt({ outcome: "internal.signing", statusCode: null });
  endpoint = world.newEndpoint({ profile: "svix" });
  await attempt(NOT_FOUND);

  expect(world.requests).toHaveLength(2);
  expect(writes).toEqual([]);
});

const key = { key: new Secret("an-older-metriport-key"), createdAt: new Date(0), expiresAt: null };

test.each([
  ["URL", { url: "https://corrected.example.com/hook" }],
  ["key", { secrets: [key] }],
])(
  "a result says nothing about an endpoint whose %s was changed while the request was on its way",
  async (_, change) => {
    world.respond = () => {
      world.state.endpoints.set(endpoint.id, { ...endpoint, ...change });
      return Promise.resolve(NOT_FOUND);
    };
    const delivery = world.newDelivery(world.newEvent(), endpoint);
    const orders = [{ deliveryId: delivery.id, attemptCount: 0, commandId: null }];
    await attemptDeliveries(world.ports, { endpointId: endpoint.id, workflowId: "lane", orders, repeated: false });

    expect(world.delivery(delivery.id)).toMatchObject({ status: "retrying", attemptCount: 1 });
    expect(writes).toEqual([]);
    expect(receiver()).toBeNull();
  },
);

test("an attempt is on record although the receiver's state cannot be written", async () => {
  world.ports.endpoints.update = () => Promise.reject(new Error("refused"));

  expect(await attempt(OK)).toMatchObject([{ kind: "final", status: "delivered" }]);

  expect(receiver()).toBeNull();
});

test("410 from a metriport receiver is retried on the schedule, and the endpoint stays active", async () => {
  const [item] = await attempt({ outcome: "gone", statusCode: 410 });

  expect(item).toMatchObject({ kind: "open", attemptCount: 1, retriesMade: 1 });
  expect(world.state.endpoints.get(endpoint.id)).toMatchObject({
    status: "active",
    receiver: { healthy: false, detail: "Request failed with status code 410" },
  });
});

test("410 from any other receiver ends the delivery and disables the endpoint", async () => {
  endpoint = world.newEndpoint();

  expect(await attempt({ outcome: "gone", statusCode: 410 })).toMatchObject([{ kind: "final", status: "failed" }]);

  expect(world.state.endpoints.get(endpoint.id)).toMatchObject({ status: "disabled", statusReason: "gone" });
});

test("the detail is the HTTP status where that was the failure, else the error's text, and never too long", () => {
  const redirect = receiverStateAfter({ outcome: "redirect", statusCode: 302, error: "answered 302" });
  const timeout = receiverStateAfter({ outcome: "timeout.total", statusCode: 200, error: "no end within 5 s" });
  const long = receiverStateAfter({ outcome: "protocol", statusCode: null, error: "x".repeat(5_000) });

  expect(redirect).toEqual({ healthy: false, detail: "Request failed with status code 302" });
  expect(timeout).toEqual({ healthy: false, detail: "no end within 5 s" });
  expect(long.detail).toHaveLength(LIMITS.receiverDetailCharsMax);
});
