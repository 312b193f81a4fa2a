import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { operationPage } from "../../activities/operations.js";
import type { DeliveryStatus } from "../../core/model.js";
import { createActivityWorld } from "../support/activity-ports.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
let id: string;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(async () => {
  api.state.endpoints.clear();
  api.state.events.clear();
  api.state.deliveries.clear();
  api.engine.operations.length = 0;
  api.engine.isDown = false;
  api.engine.isBusy = false;
  id = (await api.call("POST", "/v1/endpoints", { body: { url: "https://receiver.example/hook" } })).textAt("id");
});
afterAll(() => api.close());

const act = (action: string, body?: unknown) =>
  api.call("POST", `/v1/endpoints/${id}/${action}`, body === undefined ? {} : { body });
const kinds = () => api.engine.operations.map((it) => it.kind);
const statuses = () => [...api.state.deliveries.values()].map((it) => it.status).sort();

/** Deliveries of the endpoint in these states, whose order is that of their events. */
async function given(...wanted: DeliveryStatus[]): Promise<void> {
  for (const status of wanted) {
    const before = new Set(api.state.deliveries.keys());
    await api.call("POST", "/v1/events", { body: { eventType: "a.b", payload: {} } });
    await expect.poll(() => api.state.deliveries.size).toBe(before.size + 1);
    for (const [key, row] of api.state.deliveries)
      if (!before.has(key)) api.state.deliveries.set(key, { ...row, status });
  }
}

test("disabling and enabling say how many deliveries were held and had failed", async () => {
  await given("held", "failed", "failed", "delivered", "retrying");
  const disabled = await act("disable");
  expect(disabled.body).toMatchObject({ id, status: "disabled", deliveries: { held: 1, failed: 2 } });
  const enabled = await act("enable");
  expect(enabled.body).toMatchObject({ id, status: "active", deliveries: { held: 1, failed: 2 } });
  expect((await api.call("GET", `/v1/endpoints/${id}`)).at("deliveries")).toBeUndefined();
  expect((await act("pause")).at("deliveries")).toBeUndefined();
});

test("enabling releases what was held and leaves what failed, unless it is told otherwise", async () => {
  await given("held", "failed", "retrying");
  await act("disable");
  await act("enable");
  expect(kinds()).toEqual(["release"]);
  expect(statuses()).toEqual(["delivered", "failed", "retrying"]);
});

test("what was held can be cancelled, and what waits for a retry goes on", async () => {
  await given("held", "failed", "retrying", "pending");
  await act("disable");
  await act("enable", { held: "cancel" });
  expect(kinds()).toEqual(["cancel-held"]);
  expect(statuses()).toEqual(["cancelled", "failed", "pending", "retrying"]);
  const cancelled = [...api.state.deliveries.values()].find((it) => it.status === "cancelled");
  expect(cancelled?.reason).toBe("endpoint enabled");
});

test("what failed can be sent again, after what was held was released or cancelled", async () => {
  await given("failed", "held");
  await act("disable");
  await act("enable", { failed: "retry" });
  expect(kinds()).toEqual(["release", "retry"]);
  expect(new Set(api.engine.operations.map((it) => it.operationId)).size).toBe(2);
  expect(statuses()).toEqual(["delivered", "delivered"]);

  await given("failed", "held");
  await act("disable");
  await act("enable", { failed: "retry", held: "cancel" });
  expect(kinds().slice(2)).toEqual(["cancel-held", "retry"]);
  expect(statuses()).toEqual(["cancelled", "delivered", "delivered", "delivered"]);
});

test("a recovery that could not start is made up for by the same request", async () => {
  await given("failed");
  await act("disable");
  api.engine.isDown = true;
  const refused = await act("enable", { failed: "retry" });
  expect([refused.status, refused.at("code")]).toEqual([503, "engine_unavailable"]);
  api.engine.isDown = false;
  expect((await act("enable", { failed: "retry" })).status).toBe(200);
  expect(kinds()).toEqual(["release", "retry"]);
});

test("the same can be said over tRPC", async () => {
  await given("held");
  await act("disable");
  const answer = await api.call("POST", "/trpc/endpoints.enable", { body: { id, held: "cancel" } });
  expect(answer.at("result.data.deliveries")).toEqual({ held: 1, failed: 0 });
  expect(kinds()).toEqual(["cancel-held"]);
});

test.each([
  ["an unknown word", "enable", { held: "drop" }, "held"],
  ["another unknown word", "enable", { failed: true }, "failed"],
  ["an unknown field", "enable", { all: "release" }, "all"],
  ["a recovery of a resume", "resume", { held: "cancel" }, "held"],
  ["a recovery of a disable", "disable", { failed: "retry" }, "failed"],
])("%s is refused and changes nothing", async (_, action, body, path) => {
  await act("disable");
  const answer = await act(action, body);
  expect([answer.status, answer.at("code")]).toEqual([400, "invalid_input"]);
  expect(JSON.stringify(answer.at("issues"))).toContain(path);
  expect(api.state.endpoints.get(id)?.status).toBe("disabled");
  expect(kinds()).toEqual([]);
});

test("the operation cancel-held touches nothing but what is held when its page is taken", async () => {
  const world = createActivityWorld();
  const endpoint = world.newEndpoint();
  const wanted: DeliveryStatus[] = ["held", "held", "pending", "retrying", "failed", "delivered"];
  const made = wanted.map((status) => world.newDelivery(world.newEvent(), endpoint, { status }));
  const input = {
    operationId: "op_1",
    kind: "cancel-held",
    endpointId: endpoint.id,
    reason: "endpoint enabled",
  } as const;
  const page = await operationPage(world.ports, { ...input, after: null });
  expect(page).toEqual({ lanes: [], deliveries: 2, after: null });
  expect(made.map((it) => world.delivery(it.id)?.status)).toEqual(["cancelled", "cancelled", ...wanted.slice(2)]);
});
