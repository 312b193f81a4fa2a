/** Test events of Open Wearables' API: what the original gets wrong with them is right here. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { OPEN_WEARABLES_EVENT_TYPES } from "../../api/catalogue/open-wearables/event-types.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer, CallOptions } from "../support/api-server.js";
import { until } from "../support/until.js";

const BASE = "/api/v1/webhooks/endpoints";
let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  for (const map of [api.state.endpoints, api.state.eventTypes, api.state.events, api.state.deliveries]) map.clear();
});
afterAll(() => api.close());

async function create(fields: object = {}): Promise<string> {
  return (await api.call("POST", BASE, { body: { url: "https://a.example/", ...fields } })).textAt("id");
}

async function sent(id: string, send: CallOptions = {}) {
  const answer = await api.call("POST", `${BASE}/${id}/test`, send);
  expect(answer.status).toBe(200);
  const event = api.state.events.get(answer.textAt("message_id"));
  if (event === undefined) throw new Error("the test event was accepted");
  return { event, payload: JSON.parse(Buffer.from(event.payload).toString()) as object };
}

test("a type that the endpoint does not take gives way to the first that it takes, and every test is a new event", async () => {
  const id = await create({ filter_types: ["sleep.created", "workout.created"] });
  const typeOf = async (send: CallOptions) => (await sent(id, send)).event.eventType;
  expect(await typeOf({ body: { event_type: "steps.created" } })).toBe("sleep.created");
  expect(await typeOf({ body: { event_type: "workout.created" } })).toBe("workout.created");
  expect(await typeOf({ body: { event_type: null } })).toBe("workout.created");
  expect(await typeOf({ raw: "null" })).toBe("workout.created");
  expect(await typeOf({})).toBe("workout.created");
  expect(await typeOf({})).toBe("workout.created");
  expect(api.state.events.size).toBe(6);
});

test("an endpoint of one user gets its test, and no other endpoint does", async () => {
  const scoped = await create({ user_id: "u_123", filter_types: ["sleep.created"] });
  await create();
  const { event } = await sent(scoped);
  expect(event).toMatchObject({ endpointIds: [scoped], channels: ["user.u_123"], eventType: "sleep.created" });
  await until("dispatched", () => api.state.events.get(event.id)?.state === "dispatched");
  expect([...api.state.deliveries.values()].map((it) => it.endpointId)).toEqual([scoped]);
});

test("a test of any type of the catalogue has an example of that type as its body", async () => {
  const id = await create();
  for (const { name, example } of OPEN_WEARABLES_EVENT_TYPES) {
    const { event, payload } = await sent(id, { body: { event_type: name } });
    expect([event.eventType, payload]).toEqual([name, example]);
    expect(payload).toMatchObject({ type: name, data: {} });
  }
});

test("the application's own example comes first, and where there is none the body still says something", async () => {
  await api.call("POST", "/v1/event-types", { body: { name: "workout.created", example: { mine: 1 } } });
  await api.call("POST", "/v1/event-types", { body: { name: "own.type" } });
  await api.call("POST", "/v1/event-types", { body: { name: "empty.type", example: {} } });
  const id = await create();
  expect((await sent(id)).payload).toEqual({ mine: 1 });
  for (const event_type of ["own.type", "empty.type"]) {
    expect((await sent(id, { body: { event_type } })).payload).toMatchObject({ type: event_type, data: {} });
  }
});

test("an endpoint that /v1 gave patterns or types of its own can be tested, too", async () => {
  const body = { url: "https://a.example/", eventTypes: ["workout.*", "own.type"] };
  const id = (await api.call("POST", "/v1/endpoints", { body })).textAt("id");
  const typeOf = async (event_type: string) => (await sent(id, { body: { event_type } })).event.eventType;
  expect(await typeOf("workout.created")).toBe("workout.created");
  expect(await typeOf("own.type")).toBe("own.type");
  expect(await typeOf("steps.created")).toBe("workout.test");
});

test.each(["pause", "disable"])("after %s a test is refused in words and leaves no event behind", async (action) => {
  const id = await create();
  await api.call("POST", `/v1/endpoints/${id}/${action}`);
  const before = api.state.events.size;
  const answer = await api.call("POST", `${BASE}/${id}/test`);
  expect(answer.status).toBe(400);
  expect(answer.body).toStrictEqual({ detail: `The endpoint is ${action}d; nothing would be sent.` });
  expect(api.state.events.size).toBe(before);
});

test.each([
  ["an unknown type", { event_type: "no.such" }, 'event_type: there is no event type "no.such"'],
  ["a pattern", { event_type: "workout.*" }, 'event_type: there is no event type "workout.*"'],
])("a test of %s is refused with its name", async (_what, body, detail) => {
  const id = await create({ filter_types: ["workout.created"] });
  const answer = await api.call("POST", `${BASE}/${id}/test`, { body });
  expect(answer.status).toBe(400);
  expect(answer.body).toStrictEqual({ detail });
  expect(api.state.events.size).toBe(0);
});
