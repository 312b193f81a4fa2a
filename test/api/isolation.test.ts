import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { until } from "../support/until.js";

let api: ApiServer;
let mine: string;
let theirs: { application: string; endpoint: string; event: string; delivery: string; attempt: string };

beforeAll(async () => {
  api = await startApi();
  const applicationOf = async (uid: string) =>
    (await api.call("POST", "/v1/applications", { body: { name: uid, uid } })).textAt("id");
  mine = api.keyFor(await applicationOf("mine"));
  const application = await applicationOf("theirs");
  const key = api.keyFor(application);
  const endpoint = await api.call("POST", "/v1/endpoints", { key, body: { url: "https://b.example/", uid: "hook" } });
  await api.call("POST", "/v1/event-types", { key, body: { name: "their.type" } });
  const event = await api.call("POST", "/v1/events", {
    key,
    body: { eventType: "a.b", payload: { secret: "plans" }, eventId: "their-event" },
  });
  await until("delivered", () => api.state.attempts.size === 1);
  const [attempt = ""] = api.state.attempts.keys();
  const [delivery = ""] = api.state.deliveries.keys();
  theirs = { application, endpoint: endpoint.textAt("id"), event: event.textAt("id"), delivery, attempt };
});
afterAll(() => api.close());

test("things of another application look exactly like things that do not exist", async () => {
  const calls: [string, string][] = [
    ["GET", `/v1/applications/${theirs.application}`],
    ["GET", "/v1/applications/theirs"],
    ["GET", `/v1/endpoints/${theirs.endpoint}`],
    ["GET", "/v1/endpoints/hook"],
    ["PATCH", `/v1/endpoints/${theirs.endpoint}`],
    ["DELETE", `/v1/endpoints/${theirs.endpoint}`],
    ["GET", `/v1/endpoints/${theirs.endpoint}/secret`],
    ["POST", `/v1/endpoints/${theirs.endpoint}/secret/rotate`],
    ["POST", `/v1/endpoints/${theirs.endpoint}/test`],
    ["POST", `/v1/endpoints/${theirs.endpoint}/pause`],
    ["GET", "/v1/event-types/their.type"],
    ["GET", `/v1/events/${theirs.event}`],
    ["GET", "/v1/events/their-event"],
    ["GET", `/v1/events/${theirs.event}/explain`],
    ["POST", `/v1/events/${theirs.event}/cancel`],
    ["GET", `/v1/deliveries/${theirs.delivery}`],
    ["POST", `/v1/deliveries/${theirs.delivery}/resend`],
    ["POST", `/v1/deliveries/${theirs.delivery}/cancel`],
    ["GET", `/v1/attempts/${theirs.attempt}`],
    ["GET", "/v1/endpoints?application=theirs"],
    ["GET", `/v1/events?application=${theirs.application}`],
  ];
  const before = { ...api.state.census(), commands: api.engine.commands.length };
  for (const [method, path] of calls) {
    const foreign = await api.call(method, path, { key: mine, ...(method === "PATCH" && { body: {} }) });
    expect([path, foreign.status, foreign.at("code")]).toEqual([path, 404, "not_found"]);
    expect(foreign.text).not.toContain("plans");
  }
  expect({ ...api.state.census(), commands: api.engine.commands.length }).toEqual(before);
});

test("lists show nothing of another application, whatever they are filtered by", async () => {
  for (const path of [
    "/v1/endpoints",
    "/v1/event-types?includeArchived=true",
    "/v1/events",
    "/v1/events?text=their",
    `/v1/deliveries?endpoint=${theirs.endpoint}`,
    `/v1/deliveries?event=${theirs.event}`,
    `/v1/attempts?delivery=${theirs.delivery}`,
  ]) {
    const answer = await api.call("GET", path, { key: mine });
    expect([path, answer.body]).toEqual([path, { data: [], nextCursor: null }]);
  }
});

test("an event cannot be forced to an endpoint of another application", async () => {
  const body = { eventType: "a.b", payload: {}, endpointIds: [theirs.endpoint] };
  const answer = await api.call("POST", "/v1/events", { key: mine, body });
  expect(answer.status).toBe(400);
  expect(answer.at("issues.0.path")).toBe("endpointIds[0]");
});

test("the same eventId and uid may be used in two applications", async () => {
  const body = { eventType: "a.b", payload: { other: 1 }, eventId: "their-event" };
  const event = await api.call("POST", "/v1/events", { key: mine, body });
  expect(event.body).toMatchObject({ duplicate: false });
  const endpoint = await api.call("POST", "/v1/endpoints", {
    key: mine,
    body: { url: "https://c.example/", uid: "hook" },
  });
  expect(endpoint.status).toBe(201);
});

test("naming one's own application is allowed, in the query and in the body, by id and by uid", async () => {
  expect((await api.call("GET", "/v1/endpoints?application=mine", { key: mine })).status).toBe(200);
  const body = { eventType: "a.b", payload: {}, application: "mine" };
  expect((await api.call("POST", "/v1/events", { key: mine, body })).status).toBe(202);
});

test("an admin key reaches another application by naming it, else the default one", async () => {
  const admin = api.keyFor(null);
  const named = await api.call("GET", "/v1/endpoints?application=theirs", { key: admin });
  expect(named.at("data.0.id")).toBe(theirs.endpoint);
  const inQuery = await api.call("POST", "/v1/events?application=theirs", {
    key: admin,
    body: { eventType: "a.b", payload: {} },
  });
  expect(api.state.events.get(inQuery.textAt("id"))?.applicationId).toBe(theirs.application);
  expect((await api.call("GET", "/v1/endpoints", { key: admin })).at("data")).toEqual([]);
  const both = await api.call("POST", "/v1/events?application=mine", {
    key: admin,
    body: { eventType: "a.b", payload: {}, application: "theirs" },
  });
  expect(both.status).toBe(400);
});
