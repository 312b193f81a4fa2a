import { afterAll, beforeAll, expect, test } from "vitest";
import { Secret } from "../../core/secret.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer, CallOptions } from "../support/api-server.js";
import { aText, textLike } from "../support/matchers.js";

const BASE = "/api/v1/webhooks/endpoints";
const USER = "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d";
let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** As `curl -d` sends it. */
const form = (text: string): CallOptions => ({
  raw: text,
  headers: { "content-type": "application/x-www-form-urlencoded" },
});

test("the three lines of the page work as printed", async () => {
  const created = await api.call("POST", BASE, form('{"url": "https://your-app.com/webhooks"}'));
  expect(created.status).toBe(201);
  expect(created.body).toEqual({
    id: textLike(/^ep_[0-9A-Za-z]{27}$/),
    url: "https://your-app.com/webhooks",
    description: "",
    filter_types: null,
    user_id: null,
  });
  const id = created.textAt("id");
  expect(api.state.endpoints.get(id)?.profile).toBe("svix");

  const secret = await api.call("GET", `${BASE}/${id}/secret`);
  expect(secret.status).toBe(200);
  expect(secret.body).toEqual({ key: textLike(/^whsec_/) });

  const tested = await api.call("POST", `${BASE}/${id}/test`);
  expect(tested.status).toBe(200);
  expect(tested.body).toEqual({
    message: "Test event sent successfully.",
    message_id: textLike(/^msg_[0-9A-Za-z]{27}$/),
  });
  const event = api.state.events.get(tested.textAt("message_id"));
  expect(event).toMatchObject({ eventType: "workout.created", test: true, endpointIds: [id] });
});

test("filters and the user of an endpoint are kept and shown as they were given", async () => {
  const fields = { url: "https://a.example/", description: "mine", filter_types: ["sleep.created"], user_id: USER };
  const created = await api.call("POST", BASE, { body: fields });
  expect(created.body).toMatchObject(fields);
  const id = created.textAt("id");
  expect(api.state.endpoints.get(id)).toMatchObject({ eventTypes: ["sleep.created"], channels: [`user.${USER}`] });
  expect((await api.call("GET", `${BASE}/${id}`)).body).toEqual(created.body);
  const list = await api.call("GET", BASE);
  expect(list.body).toContainEqual(created.body);
});

test("a test of a type that the endpoint does not take sends the first that it takes, and two tests are two events", async () => {
  const body = { url: "https://a.example/", filter_types: ["sleep.created", "workout.created"] };
  const id = (await api.call("POST", BASE, { body })).textAt("id");
  const typeOf = async (send: CallOptions) => {
    const answer = await api.call("POST", `${BASE}/${id}/test`, send);
    expect(answer.status).toBe(200);
    return api.state.events.get(answer.textAt("message_id"))?.eventType;
  };
  expect(await typeOf(form('{"event_type":"steps.created"}'))).toBe("sleep.created");
  expect(await typeOf(form('{"event_type":"workout.created"}'))).toBe("workout.created");
  expect(await typeOf({})).toBe("workout.created");
});

test.each([
  { what: "no JSON", method: "POST", path: BASE, send: form("url=https://a.example/"), status: 400 },
  { what: "no URL", method: "POST", path: BASE, send: form("{}"), status: 400 },
  { what: "a URL that is none", method: "POST", path: BASE, send: form('{"url":"nonsense"}'), status: 400 },
  {
    what: "a user that is no UUID",
    method: "POST",
    path: BASE,
    send: form('{"url":"https://a.example/","user_id":"u_1"}'),
    status: 400,
  },
  {
    what: "an unknown endpoint",
    method: "GET",
    path: `${BASE}/ep_000000000000000000000000000/secret`,
    send: {},
    status: 404,
  },
  { what: "a test of an unknown endpoint", method: "POST", path: `${BASE}/nobody/test`, send: {}, status: 404 },
  { what: "an unknown path", method: "GET", path: "/api/v1/webhooks/nothing", send: {}, status: 404 },
])("$what is answered with detail alone", async ({ method, path, send, status }) => {
  const before = api.state.census();
  const answer = await api.call(method, path, send);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({ detail: aText });
  expect(api.state.census()).toEqual(before);
});

test("a wrong key is answered in the words of Open Wearables", async () => {
  const closed = await startApi({ openAccess: "closed", adminKey: new Secret("k") });
  const answer = await closed.call("GET", BASE);
  expect(answer.status).toBe(401);
  expect(answer.body).toEqual({ detail: "Could not validate credentials" });
  expect((await closed.call("GET", BASE, { key: "k" })).body).toEqual([]);
  await closed.close();
});
