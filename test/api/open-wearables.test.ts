/** Endpoints of Open Wearables' API: codes and whole bodies. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Secret } from "../../core/secret.js";
import { OPEN_WEARABLES_EVENT_TYPES } from "../../api/catalogue/open-wearables/event-types.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer, CallOptions } from "../support/api-server.js";
import { textLike } from "../support/matchers.js";

const BASE = "/api/v1/webhooks/endpoints";
const URL_A = "https://a.example/";
const UNKNOWN = "ep_000000000000000000000000000";
let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  for (const map of [api.state.endpoints, api.state.eventTypes, api.state.events]) map.clear();
});
afterAll(() => api.close());

/** As `curl -d` sends it. */
const form = (text: string): CallOptions => ({
  raw: text,
  headers: { "content-type": "application/x-www-form-urlencoded" },
});

async function create(fields: object = {}): Promise<string> {
  const created = await api.call("POST", BASE, { body: { url: URL_A, ...fields } });
  expect(created.status).toBe(201);
  return created.textAt("id");
}

test("the three lines of the page work as printed", async () => {
  const created = await api.call("POST", BASE, form('{"url": "https://your-app.com/webhooks"}'));
  expect(created.status).toBe(201);
  expect(created.body).toStrictEqual({
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
  expect(secret.body).toStrictEqual({ key: textLike(/^whsec_[0-9A-Za-z+/=]{32,100}$/) });

  const tested = await api.call("POST", `${BASE}/${id}/test`);
  expect(tested.status).toBe(200);
  expect(tested.body).toStrictEqual({
    message: "Test event sent successfully.",
    message_id: textLike(/^msg_[0-9A-Za-z]{27}$/),
  });
  const event = api.state.events.get(tested.textAt("message_id"));
  expect(event).toMatchObject({ eventType: "workout.created", test: true, endpointIds: [id] });
});

test.each(["0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d", "u_123", "x".repeat(123)])(
  "filters and the user of an endpoint are kept and shown as they were given: %s",
  async (user) => {
    const fields = { url: URL_A, description: "mine", filter_types: ["sleep.created"], user_id: user };
    const created = await api.call("POST", BASE, { body: { ...fields, unknown: "ignored" } });
    const id = created.textAt("id");
    expect(created.body).toStrictEqual({ id, ...fields });
    expect(api.state.endpoints.get(id)).toMatchObject({ eventTypes: ["sleep.created"], channels: [`user.${user}`] });
    const read = await api.call("GET", `${BASE}/${id}`);
    expect([read.status, read.body]).toStrictEqual([200, created.body]);
  },
);

test("an endpoint with null for everything, or with no types, takes everything", async () => {
  const nothing = { description: null, filter_types: null, user_id: null };
  for (const fields of [nothing, { filter_types: [] }]) {
    const id = await create(fields);
    expect((await api.call("GET", `${BASE}/${id}`)).body).toStrictEqual({
      id,
      url: URL_A,
      description: "",
      filter_types: null,
      user_id: null,
    });
  }
});

const FULL = { url: URL_A, description: "mine", filter_types: ["sleep.created"], user_id: "u_1" };

test.each([
  { what: "nothing", send: {}, changed: {} },
  { what: "null for what cannot be cleared", send: { url: null, description: null, filter_types: null }, changed: {} },
  { what: "another URL", send: { url: "https://b.example/" }, changed: { url: "https://b.example/" } },
  { what: "no description", send: { description: "" }, changed: { description: "" } },
  {
    what: "other types, one of them twice",
    send: { filter_types: ["steps.created", "workout.created", "steps.created"] },
    changed: { filter_types: ["steps.created", "workout.created"] },
  },
  { what: "no types", send: { filter_types: [] }, changed: { filter_types: null } },
  { what: "another user", send: { user_id: "u_2" }, changed: { user_id: "u_2" } },
  { what: "no user", send: { user_id: null }, changed: { user_id: null } },
  { what: "an unknown field", send: { disabled: true }, changed: {} },
])("a change with $what changes that and keeps the rest", async ({ send, changed }) => {
  const id = await create(FULL);
  const answer = await api.call("PATCH", `${BASE}/${id}`, { body: send });
  expect(answer.status).toBe(200);
  expect(answer.body).toStrictEqual({ id, ...FULL, ...changed });
  expect((await api.call("GET", `${BASE}/${id}`)).body).toStrictEqual(answer.body);
});

test("what /v1 knows beyond these fields survives a change, and filters may be sent back as they were shown", async () => {
  const fields = {
    url: URL_A,
    eventTypes: ["order.*", "own.type"],
    channels: ["eu", "user.u_1"],
    metadata: { a: "b" },
  };
  const id = (await api.call("POST", "/v1/endpoints", { body: fields })).textAt("id");
  const shown = await api.call("GET", `${BASE}/${id}`);
  expect(shown.body).toStrictEqual({
    id,
    url: URL_A,
    description: "",
    filter_types: ["order.*", "own.type"],
    user_id: "u_1",
  });
  const changed = await api.call("PATCH", `${BASE}/${id}`, {
    body: { ...(shown.body as object), user_id: "u_2", description: "new" },
  });
  expect(changed.body).toStrictEqual({ ...(shown.body as object), user_id: "u_2", description: "new" });
  expect(api.state.endpoints.get(id)).toMatchObject({ ...fields, channels: ["eu", "user.u_2"], profile: "standard" });
  await api.call("PATCH", `${BASE}/${id}`, { body: { user_id: null } });
  expect(api.state.endpoints.get(id)?.channels).toEqual(["eu"]);
});

test("types that the application has registered may be named like those of Open Wearables, archived ones may not", async () => {
  await api.call("POST", "/v1/event-types", { body: { name: "own.type" } });
  await api.call("POST", "/v1/event-types", { body: { name: "old.type" } });
  await api.call("DELETE", "/v1/event-types/old.type");
  const id = await create({ filter_types: ["own.type", "series.heart_rate.created"] });
  const refused = await api.call("PATCH", `${BASE}/${id}`, { body: { filter_types: ["own.type", "old.type"] } });
  expect(refused.status).toBe(400);
  expect(refused.body).toStrictEqual({ detail: 'filter_types: there is no event type "old.type"' });
  expect(api.state.endpoints.get(id)?.eventTypes).toEqual(["own.type", "series.heart_rate.created"]);
});

test("a deleted endpoint is gone, without a body in the answer", async () => {
  const id = await create();
  const answer = await api.call("DELETE", `${BASE}/${id}`);
  expect([answer.status, answer.text]).toEqual([204, ""]);
  expect((await api.call("DELETE", `${BASE}/${id}`)).status).toBe(404);
  expect(api.state.endpoints.size).toBe(0);
});

test("the list is a bare array of all endpoints, however many, newest first", async () => {
  const [row] = [await create()].map((id) => api.state.endpoints.get(id));
  if (row === undefined) throw new Error("the endpoint was created");
  for (let count = 1; count < 260; count += 1) {
    const id = api.deps.ids.next("endpoint");
    api.state.endpoints.set(id, { ...row, id });
  }
  const answer = await api.call("GET", BASE);
  expect(answer.status).toBe(200);
  const listed = answer.body as { id: string }[];
  expect(listed.map((it) => it.id)).toEqual([...api.state.endpoints.keys()].reverse());
});

test("endpoints of the profiles svix and standard are shown, those of Metriport do not exist here", async () => {
  const of = async (profile: string) =>
    (await api.call("POST", "/v1/endpoints", { body: { url: URL_A, profile } })).textAt("id");
  const [standard, svix, metriport] = [await of("standard"), await of("svix"), await of("metriport")];
  const listed = (await api.call("GET", BASE)).body as { id: string }[];
  expect(listed.map((it) => it.id)).toEqual([svix, standard]);
  const before = api.state.endpoints.get(metriport);
  for (const [method, path] of callsFor(metriport)) {
    const answer = await api.call(method, path, { ...(method === "PATCH" && { body: { description: "x" } }) });
    expect([method, path, answer.status, answer.body]).toEqual([
      method,
      path,
      404,
      { detail: textLike(/^There is no endpoint "ep_/) },
    ]);
  }
  expect(api.state.endpoints.get(metriport)).toEqual(before);
});

test("with the key of another application everything looks as if it did not exist", async () => {
  const other = (await api.call("POST", "/v1/applications", { body: { name: "other", uid: "other" } })).textAt("id");
  const key = api.keyFor(other);
  const id = await create();
  const before = { ...api.state.census(), commands: api.engine.commands.length };
  expect((await api.call("GET", BASE, { key })).body).toStrictEqual([]);
  for (const [method, path] of callsFor(id)) {
    const foreign = await api.call(method, path, { key });
    const unknown = await api.call(method, path.replace(id, UNKNOWN), { key });
    expect([path, foreign.status]).toEqual([path, 404]);
    expect(foreign.body).toStrictEqual(JSON.parse(unknown.text.replace(UNKNOWN, id)));
  }
  expect({ ...api.state.census(), commands: api.engine.commands.length }).toEqual(before);
});

function callsFor(id: string): [string, string][] {
  return [
    ["GET", `${BASE}/${id}`],
    ["PATCH", `${BASE}/${id}`],
    ["DELETE", `${BASE}/${id}`],
    ["GET", `${BASE}/${id}/secret`],
    ["POST", `${BASE}/${id}/secret/rotate`],
    ["POST", `${BASE}/${id}/test`],
    ["POST", `${BASE}/${id}/enable`],
    ["POST", `${BASE}/${id}/disable`],
    ["GET", `${BASE}/${id}/attempts`],
    ["POST", `/api/v1/webhooks/messages/msg_000000000000000000000000000/endpoints/${id}/resend`],
  ];
}

test("a secret is rotated, with a key of its own or without, and the one before signs for the grace period", async () => {
  const id = await create();
  const first = (await api.call("GET", `${BASE}/${id}/secret`)).textAt("key");
  const rotated = await api.call("POST", `${BASE}/${id}/secret/rotate`);
  expect(rotated.status).toBe(200);
  expect(rotated.body).toStrictEqual({ key: textLike(/^whsec_/) });
  expect(rotated.textAt("key")).not.toBe(first);
  expect((await api.call("GET", `${BASE}/${id}/secret`)).body).toEqual(rotated.body);

  const own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const imported = await api.call("POST", `${BASE}/${id}/secret/rotate`, {
    body: { key: own, grace_period_seconds: 0, unknown: 1 },
  });
  expect(imported.body).toStrictEqual({ key: own });
  expect(api.state.endpoints.get(id)?.secrets.map((it) => it.key.reveal())).toEqual([own]);
});

test("an endpoint is disabled and enabled again, also out of a pause", async () => {
  const id = await create({ description: "mine" });
  const shape = { id, url: URL_A, description: "mine", filter_types: null, user_id: null };
  const move = async (action: string) => {
    const answer = await api.call("POST", `${BASE}/${id}/${action}`);
    return [answer.status, answer.body];
  };
  expect(await move("disable")).toStrictEqual([200, { ...shape, disabled: true }]);
  expect(await move("disable")).toStrictEqual([200, { ...shape, disabled: true }]);
  expect(await move("enable")).toStrictEqual([200, { ...shape, disabled: false }]);
  await api.call("POST", `/v1/endpoints/${id}/pause`);
  expect(await move("enable")).toStrictEqual([200, { ...shape, disabled: false }]);
  expect(api.state.endpoints.get(id)?.status).toBe("active");
});

test("a wrong key is answered in the words of Open Wearables; the catalogue and the configuration need none", async () => {
  const closed = await startApi({ openAccess: "closed", adminKey: new Secret("k") });
  const answer = await closed.call("GET", BASE);
  expect(answer.status).toBe(401);
  expect(answer.body).toStrictEqual({ detail: "Could not validate credentials" });
  expect((await closed.call("GET", BASE, { key: "k" })).body).toStrictEqual([]);

  const config = await closed.call("GET", "/api/v1/config");
  expect([config.status, config.body]).toStrictEqual([200, { outgoing_webhooks_enabled: true }]);

  const types = await closed.call("GET", "/api/v1/webhooks/event-types");
  expect(types.status).toBe(200);
  expect(types.body).toStrictEqual(
    OPEN_WEARABLES_EVENT_TYPES.map((it) => ({
      name: it.name,
      description: it.description,
      child_events: it.childEvents,
    })),
  );
  expect(types.body).toContainEqual({
    name: "spo2.created",
    description: textLike(/./),
    child_events: ["series.oxygen_saturation.created", "series.peripheral_perfusion_index.created"],
  });
  await closed.close();
});
