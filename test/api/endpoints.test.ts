import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { textLike } from "../support/matchers.js";
import { whsec } from "../support/memory-ports.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  api.state.endpoints.clear();
  api.engine.operations.length = 0;
});
afterAll(() => api.close());

const URL_OF_HOOK = "https://receiver.example/hook";
const create = (fields: Record<string, unknown> = {}) =>
  api.call("POST", "/v1/endpoints", { body: { url: URL_OF_HOOK, ...fields } });

test("an endpoint is created with defaults and answered without its secret", async () => {
  const answer = await create();
  expect(answer.status).toBe(201);
  expect(answer.body).toMatchObject({
    id: textLike(/^ep_/),
    uid: null,
    url: URL_OF_HOOK,
    description: "",
    eventTypes: [],
    channels: [],
    headers: {},
    metadata: {},
    profile: "standard",
    retryPolicy: { scheduleSeconds: [5, 300, 1800, 7200, 18000, 36000, 36000], jitter: 0.2 },
    timeoutMs: 15_000,
    status: "active",
    statusReason: null,
  });
  expect(answer.text).not.toContain("whsec_");
  expect(answer.text).not.toContain("secret");
});

test("every field of an endpoint can be given, read and changed", async () => {
  const fields = {
    uid: "crm",
    description: "CRM",
    eventTypes: ["workout.*", "sleep.created"],
    channels: ["user.1"],
    headers: { "x-team": "crm" },
    metadata: { owner: "anna" },
    profile: "svix",
    retryPolicy: { scheduleSeconds: [1, 2], jitter: 0 },
    timeoutMs: 5_000,
  };
  const created = await create(fields);
  expect(created.body).toMatchObject(fields);
  const byUid = await api.call("GET", "/v1/endpoints/crm");
  expect(byUid.body).toEqual(created.body);
  const changed = await api.call("PATCH", "/v1/endpoints/crm", {
    body: { uid: null, eventTypes: [], url: "https://other.example/" },
  });
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({ ...fields, uid: null, eventTypes: [], url: "https://other.example/" });
});

test("a host in other letters is stored and shown as it is asked for, so that nobody takes it for another", async () => {
  const lookalike = "https://\u0433oogle.com/hook?a=b";
  const created = await create({ url: lookalike });
  expect(created.body).toMatchObject({ url: "https://xn--oogle-mwe.com/hook?a=b" });
  const changed = await api.call("PATCH", `/v1/endpoints/${created.textAt("id")}`, {
    body: { url: "https://b\u00fccher.example.com/hook" },
  });
  expect(changed.body).toMatchObject({ url: "https://xn--bcher-kva.example.com/hook" });
});

test("values of sensitive headers are masked, and a masked value sent back keeps the stored one", async () => {
  const headers = { Authorization: "Bearer s3cr3t", "X-Api-Key": "k", "x-my-token": "t", "x-plain": "p" };
  const created = await create({ headers });
  const masked = { Authorization: "[masked]", "X-Api-Key": "[masked]", "x-my-token": "[masked]", "x-plain": "p" };
  expect(created.at("headers")).toEqual(masked);
  const id = created.textAt("id");
  await api.call("PATCH", `/v1/endpoints/${id}`, { body: { headers: { ...masked, "x-plain": "q" } } });
  expect(api.state.endpoints.get(id)?.headers).toEqual({ ...headers, "x-plain": "q" });
});

test("a secret can be read, imported and rotated; old ones sign until their grace ends", async () => {
  const imported = whsec();
  const id = (await create({ secret: imported })).textAt("id");
  const read = () => api.call("GET", `/v1/endpoints/${id}/secret`);
  expect((await read()).body).toEqual({ key: imported });

  const rotated = await api.call("POST", `/v1/endpoints/${id}/secret/rotate`, { body: { gracePeriodSeconds: 60 } });
  expect(rotated.status).toBe(200);
  expect(rotated.textAt("key")).not.toBe(imported);
  expect((await read()).body).toEqual(rotated.body);
  const [current, old] = api.state.endpoints.get(id)?.secrets ?? [];
  expect(current?.expiresAt).toBeNull();
  expect(old?.key.reveal()).toBe(imported);
  const graceMs = (old?.expiresAt?.getTime() ?? 0) - Date.now();
  expect(graceMs).toBeGreaterThan(50_000);
  expect(graceMs).toBeLessThanOrEqual(60_000);

  await api.call("POST", `/v1/endpoints/${id}/secret/rotate`, { body: { key: whsec(), gracePeriodSeconds: 0 } });
  expect(api.state.endpoints.get(id)?.secrets).toHaveLength(1);
});

test("at most five secrets are alive, and one that is there already is refused", async () => {
  const key = whsec();
  const id = (await create({ secret: key })).textAt("id");
  const twice = await api.call("POST", `/v1/endpoints/${id}/secret/rotate`, { body: { key } });
  expect(twice.status).toBe(409);
  for (let n = 0; n < 7; n += 1) await api.call("POST", `/v1/endpoints/${id}/secret/rotate`);
  expect(api.state.endpoints.get(id)?.secrets).toHaveLength(5);
});

test("pause holds and resume releases; disable and enable do the same", async () => {
  const id = (await create()).textAt("id");
  const act = (action: string) => api.call("POST", `/v1/endpoints/${id}/${action}`);
  expect((await act("pause")).body).toMatchObject({ status: "paused", statusReason: "manual" });
  expect((await act("pause")).status).toBe(200);
  expect((await act("enable")).status).toBe(409);
  expect((await act("resume")).body).toMatchObject({ status: "active", statusReason: null });
  expect((await act("disable")).body).toMatchObject({ status: "disabled", statusReason: "manual" });
  expect((await act("pause")).at("code")).toBe("conflict");
  expect((await act("resume")).status).toBe(409);
  expect((await act("enable")).body).toMatchObject({ status: "active" });
  expect(api.engine.operations.map((it) => [it.kind, it.endpointId])).toEqual([
    ["release", id],
    ["release", id],
  ]);
});

test("a resume whose release could not start is made up for by repeating it", async () => {
  const id = (await create()).textAt("id");
  await api.call("POST", `/v1/endpoints/${id}/pause`);
  api.engine.isDown = true;
  const refused = await api.call("POST", `/v1/endpoints/${id}/resume`);
  api.engine.isDown = false;
  expect(refused.status).toBe(503);
  expect(refused.at("code")).toBe("engine_unavailable");
  expect((await api.call("POST", `/v1/endpoints/${id}/resume`)).status).toBe(200);
  expect(api.engine.operations).toHaveLength(1);
});

test("a deleted endpoint is gone, and what it left is cancelled with a reason", async () => {
  const id = (await create()).textAt("id");
  const answer = await api.call("DELETE", `/v1/endpoints/${id}`);
  expect(answer.status).toBe(204);
  expect(answer.text).toBe("");
  expect((await api.call("GET", `/v1/endpoints/${id}`)).status).toBe(404);
  expect(api.engine.operations).toMatchObject([{ kind: "cancel", endpointId: id, reason: "endpoint deleted" }]);
});

test("an endpoint is not deleted while nobody could cancel what it leaves", async () => {
  const id = (await create()).textAt("id");
  api.engine.isDown = true;
  const answer = await api.call("DELETE", `/v1/endpoints/${id}`);
  api.engine.isDown = false;
  expect(answer.status).toBe(503);
  expect((await api.call("GET", `/v1/endpoints/${id}`)).status).toBe(200);
});

test("a uid is unique within its application", async () => {
  await create({ uid: "one" });
  const second = await create({ uid: "one" });
  expect(second.status).toBe(409);
  expect(second.at("issues")).toEqual([{ path: "uid", message: "is taken" }]);
  expect(api.state.endpoints.size).toBe(1);
});

test("a test event goes to exactly this endpoint, whatever its filters say", async () => {
  await create({ uid: "other" });
  const id = (await create({ eventTypes: ["a.b"], channels: ["c"] })).textAt("id");
  const answer = await api.call("POST", `/v1/endpoints/${id}/test`, { body: { eventType: "z.z" } });
  expect(answer.status).toBe(200);
  const event = api.state.events.get(answer.textAt("id"));
  expect(event).toMatchObject({ test: true, endpointIds: [id], eventType: "z.z" });
  expect(JSON.parse(Buffer.from(event?.payload ?? []).toString())).toMatchObject({ type: "z.z", data: {} });
});

test("a test event carries the example of its registered type, and without a type the endpoint's first filter", async () => {
  await api.call("POST", "/v1/event-types", { body: { name: "order.test", example: { order: 7 } } });
  const id = (await create({ eventTypes: ["order.*"] })).textAt("id");
  const answer = await api.call("POST", `/v1/endpoints/${id}/test`);
  const event = api.state.events.get(answer.textAt("id"));
  expect(event?.eventType).toBe("order.test");
  expect(Buffer.from(event?.payload ?? []).toString()).toBe('{"order":7}');
});

test("a test event of a Metriport message type has Metriport's example, registered or not", async () => {
  const id = (await create({ profile: "metriport" })).textAt("id");
  const body = { eventType: "medical.document-download" };
  const answer = await api.call("POST", `/v1/endpoints/${id}/test`, { body });
  const event = api.state.events.get(answer.textAt("id"));
  expect(JSON.parse(Buffer.from(event?.payload ?? []).toString())).toMatchObject({
    patients: [{ status: "completed" }],
  });
});

test("no test event is made for an endpoint that is not active", async () => {
  const id = (await create()).textAt("id");
  await api.call("POST", `/v1/endpoints/${id}/pause`);
  const before = api.state.events.size;
  const answer = await api.call("POST", `/v1/endpoints/${id}/test`);
  expect(answer.status).toBe(409);
  expect(answer.at("code")).toBe("endpoint_inactive");
  expect(api.state.events.size).toBe(before);
});
