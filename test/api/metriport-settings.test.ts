/** Metriport's settings: the routes by which a customer sets its webhook, and the life of the key. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Endpoint } from "../../core/model.js";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";
import { textLike } from "../support/matchers.js";
import { sampleDelivery } from "../support/sample-delivery.js";

const URL_A = "https://a.example.com/hook";
const URL_B = "https://b.example.com/hook";
const KEY = /^[\w-]{21}$/;

let api: ApiServer;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const settle = (webhookUrl: unknown, path = "/settings"): Promise<Answer> =>
  api.call("POST", path, { body: { webhookUrl } });
const read = (): Promise<Answer> => api.call("GET", "/settings");
const applicationId = (): string => [...api.state.applications.keys()][0] ?? "";
const endpoints = (): Endpoint[] => [...api.state.endpoints.values()];
const released = (): string[] => api.engine.operations.map((it) => `${it.kind} ${it.endpointId}`);

function designated(): Endpoint {
  const [endpoint] = endpoints();
  if (endpoint === undefined) throw new Error("a URL was set");
  return endpoint;
}

test("the first GET makes the settings and answers exactly these keys", async () => {
  const answer = await read();
  expect(answer.status).toBe(200);
  expect(answer.text).toBe(
    JSON.stringify({ id: applicationId(), webhookUrl: null, webhookKey: null, mrFilters: null }),
  );
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(api.state.applications.get(applicationId())?.metriport).toEqual({ mrFilters: null });
  expect(api.state.endpoints.size).toBe(0);
});

test("POST makes the settings, the endpoint and a key, without a GET before", async () => {
  const answer = await settle(URL_A);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    id: applicationId(),
    webhookUrl: URL_A,
    webhookKey: textLike(KEY),
    mrFilters: null,
  });
  expect((await read()).body).toEqual(answer.body);
  expect(designated()).toMatchObject({ uid: "metriport", profile: "metriport", url: URL_A, status: "active" });
  expect(designated().timeoutMs).toBe(5_000);
});

test("another URL keeps the key, and so does the same one", async () => {
  const first = await settle(URL_A);
  const second = await settle(URL_B);
  const third = await settle(URL_B);
  expect(second.body).toEqual({ ...(first.body as object), webhookUrl: URL_B });
  expect(third.body).toEqual(second.body);
  expect(endpoints()).toHaveLength(1);
});

test.each([[""], [null]])("%j clears URL and key, and the next URL has a new key", async (nothing) => {
  const first = await settle(URL_A);
  const cleared = await settle(nothing);
  expect(cleared.body).toEqual({ id: applicationId(), webhookUrl: null, webhookKey: null, mrFilters: null });
  expect((await read()).body).toEqual(cleared.body);
  expect(designated()).toMatchObject({ status: "disabled", statusReason: "cleared", secrets: [], receiver: null });

  const again = await settle(URL_A);
  expect(again.body).toMatchObject({ webhookUrl: URL_A, webhookKey: textLike(KEY) });
  expect(again.at("webhookKey")).not.toBe(first.at("webhookKey"));
  expect(designated()).toMatchObject({ status: "active", statusReason: null });
  expect(endpoints()).toHaveLength(1);
});

test("a body without webhookUrl keeps URL and key, whatever else it says", async () => {
  const first = await settle(URL_A);
  const filters = [{ key: "labs", dateFilter: { from: "2026-01-01" } }, { key: "vitals" }];
  const filtered = await api.call("POST", "/settings", { body: { mrFilters: filters } });
  expect(filtered.body).toEqual({ ...(first.body as object), mrFilters: filters });
  expect((await api.call("POST", "/settings", { body: {} })).body).toEqual(filtered.body);
  expect((await api.call("POST", "/settings")).body).toEqual(filtered.body);
  expect((await api.call("POST", "/settings", { body: { mrFilters: null } })).body).toEqual(first.body);
});

test("a body is read as JSON whatever its content type says", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await api.call("POST", "/settings", { raw: JSON.stringify({ webhookUrl: URL_A }), headers });
  expect(answer.at("webhookUrl")).toBe(URL_A);
});

test("what was held while there was no URL is released by the next one", async () => {
  await settle(URL_A);
  await settle("");
  const held = sampleDelivery(designated(), { status: "held" });
  const failed = sampleDelivery(designated(), { status: "failed" });
  for (const row of [held, failed]) api.state.deliveries.set(row.id, row);
  await settle(URL_B);
  expect(released()).toEqual([`release ${designated().id}`]);
  expect(api.state.deliveries.get(held.id)?.status).toBe("delivered");
  expect(api.state.deliveries.get(failed.id)?.status).toBe("failed");
});

test.each(["manual", "gone"] as const)("an endpoint disabled as %s is active again with its key", async (reason) => {
  const first = await settle(URL_A);
  api.state.endpoints.set(designated().id, { ...designated(), status: "disabled", statusReason: reason });
  expect((await settle(URL_A)).body).toEqual(first.body);
  expect(designated()).toMatchObject({ status: "active", statusReason: null });
  expect(released()).toEqual([`release ${designated().id}`]);
});

test("what somebody paused stays paused", async () => {
  await settle(URL_A);
  api.state.endpoints.set(designated().id, { ...designated(), status: "paused", statusReason: "manual" });
  await settle(URL_B);
  expect(designated()).toMatchObject({ url: URL_B, status: "paused" });
  expect(released()).toEqual([]);
});

test("a release that could not be started is made up for by a repeat of the request", async () => {
  await settle(URL_A);
  await settle("");
  const held = sampleDelivery(designated(), { status: "held" });
  api.state.deliveries.set(held.id, held);
  api.engine.isDown = true;
  const refused = await settle(URL_A);
  expect(refused.body).toEqual({
    status: 503,
    title: "ServiceUnavailableError",
    detail: expect.any(String) as string,
    name: "Service Unavailable",
  });
  api.engine.isDown = false;
  expect((await settle(URL_A)).status).toBe(200);
  expect(api.state.deliveries.get(held.id)?.status).toBe("delivered");
});

test("many requests at once make one endpoint, and all of them answer with its key", async () => {
  const first = await Promise.all(Array.from({ length: 8 }, () => settle(URL_A)));
  expect(new Set(first.map((it) => it.at("webhookKey"))).size).toBe(1);
  expect(endpoints()).toHaveLength(1);
  await settle("");
  const again = await Promise.all(Array.from({ length: 8 }, () => settle(URL_A)));
  expect(new Set(again.map((it) => it.at("webhookKey"))).size).toBe(1);
  expect(again[0]?.at("webhookKey")).toBe(designated().secrets[0]?.key.reveal());
});

test("an endpoint that another process has just made is changed, not made again", async () => {
  const store = { ...api.deps.stores.endpoints };
  api.deps.stores.endpoints.insert = async (endpoint) => {
    await store.insert({ ...endpoint, id: api.deps.ids.next("endpoint"), url: URL_B });
    return store.insert(endpoint);
  };
  const answer = await settle(URL_A);
  expect(endpoints()).toHaveLength(1);
  expect(answer.body).toMatchObject({ webhookUrl: URL_A, webhookKey: designated().secrets[0]?.key.reveal() });
  expect(designated().url).toBe(URL_A);
});

test("an endpoint of another profile that has the uid is left alone", async () => {
  await api.call("POST", "/v1/endpoints", { body: { url: URL_B, uid: "metriport" } });
  const before = designated();
  const answer = await settle(URL_A);
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({ status: 409, title: "ConflictError", name: "Conflict" });
  expect((await settle("")).body).toMatchObject({ webhookUrl: null });
  expect(designated()).toEqual(before);
});

test("a cleared endpoint cannot be enabled without a URL, and has no key to show or to rotate", async () => {
  await settle(URL_A);
  await settle("");
  const enabled = await api.call("POST", "/v1/endpoints/metriport/enable");
  expect({ status: enabled.status, code: enabled.at("code") }).toEqual({ status: 409, code: "conflict" });
  const secret = await api.call("GET", "/v1/endpoints/metriport/secret");
  expect({ status: secret.status, code: secret.at("code") }).toEqual({ status: 409, code: "conflict" });
  const rotated = await api.call("POST", "/v1/endpoints/metriport/secret/rotate");
  expect({ status: rotated.status, code: rotated.at("code") }).toEqual({ status: 409, code: "conflict" });
  expect(designated()).toMatchObject({ status: "disabled", secrets: [] });
});

test("settings made without a URL have an endpoint that was imported with its key", async () => {
  const secret = "V1StGXR8_Z5jdHi6B-myT";
  await api.call("POST", "/v1/endpoints", { body: { url: URL_A, uid: "metriport", profile: "metriport", secret } });
  expect((await read()).body).toMatchObject({ webhookUrl: URL_A, webhookKey: secret });
  expect((await settle(URL_B)).body).toMatchObject({ webhookUrl: URL_B, webhookKey: secret });
});

let tenants: ApiServer;
beforeAll(async () => {
  tenants = await startApi({ openAccess: "closed" });
});
afterAll(() => tenants.close());

test("customers do not see each other's settings", async () => {
  const admin = tenants.keyFor(null);
  const make = (uid: string) =>
    tenants.call("POST", "/v1/applications", { key: admin, body: { name: uid, uid } }).then((it) => it.textAt("id"));
  const [one, two] = await Promise.all([make("cx-1"), make("cx-2")]);
  const [keyOne, keyTwo] = [tenants.keyFor(one), tenants.keyFor(two)];

  const mine = await tenants.call("POST", "/settings", { key: keyOne, body: { webhookUrl: URL_A } });
  expect(mine.body).toMatchObject({ id: one, webhookUrl: URL_A });
  const theirs = await tenants.call("GET", "/settings", { key: keyTwo });
  expect(theirs.body).toEqual({ id: two, webhookUrl: null, webhookKey: null, mrFilters: null });

  for (const named of ["cx-1", one]) {
    const seen = await tenants.call("GET", `/settings?application=${named}`, { key: admin });
    expect(seen.body).toEqual(mine.body);
    expect((await tenants.call("GET", `/settings?application=${named}`, { key: keyTwo })).status).toBe(404);
  }
  expect((await tenants.call("GET", "/settings?application=cx-1", { key: keyOne })).body).toEqual(mine.body);
  expect((await tenants.call("GET", "/settings", { key: admin })).at("webhookUrl")).toBeNull();
});

test("settings that another process has just made are seen", async () => {
  const [id = ""] = api.state.applications.keys();
  expect((await api.call("GET", "/settings/webhook")).status).toBe(404);
  const row = api.state.applications.get(id);
  if (row !== undefined) api.state.applications.set(id, { ...row, metriport: { mrFilters: null } });
  expect((await api.call("GET", "/settings/webhook")).status).toBe(200);
});
