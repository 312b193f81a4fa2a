/** `/settings/webhook` and below: how the webhook is doing, the retry button, and samples. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeliveryStatus, Endpoint } from "../../core/model.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { aText, textLike } from "../support/matchers.js";
import { sampleDelivery } from "../support/sample-delivery.js";

const URL_A = "https://a.example.com/hook";
const STATUS = "/settings/webhook";
const RETRY = "/settings/webhook/retry";
const SAMPLE = "/settings/webhook/sample-payload";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOTHING_YET = {
  webhookEnabled: false,
  webhookStatusDetail: null,
  webhookRequestsProcessing: 0,
  webhookRequestsFailed: 0,
};

let api: ApiServer;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

/** Without a ping, which would say something of its own about the receiver. */
async function configured(change: Partial<Endpoint> = {}): Promise<Endpoint> {
  await api.call("GET", "/settings");
  const body = { url: URL_A, uid: "metriport", profile: "metriport" };
  const id = (await api.call("POST", "/v1/endpoints", { body })).textAt("id");
  const made = api.state.endpoints.get(id);
  if (made === undefined) throw new Error("it was made");
  const endpoint = { ...made, ...change };
  api.state.endpoints.set(id, endpoint);
  return endpoint;
}

function put(endpoint: Endpoint, statuses: readonly DeliveryStatus[]): void {
  for (const status of statuses) {
    const row = sampleDelivery(endpoint, { status });
    api.state.deliveries.set(row.id, row);
  }
}

test("before there are settings there is no status", async () => {
  const answer = await api.call("GET", STATUS);
  expect(answer.status).toBe(404);
  expect(answer.body).toEqual({ status: 404, title: "NotFoundError", detail: aText, name: "Not Found" });
  expect(api.state.applications.values().next().value?.metriport).toBeNull();
});

test("an endpoint that was imported has a status before anybody has read the settings", async () => {
  const secret = "V1StGXR8_Z5jdHi6B-myT";
  await api.call("POST", "/v1/endpoints", { body: { url: URL_A, uid: "metriport", profile: "metriport", secret } });
  expect((await api.call("GET", STATUS)).body).toEqual(NOTHING_YET);
});

test("the status of fresh settings is exactly this", async () => {
  await api.call("GET", "/settings");
  const answer = await api.call("GET", STATUS);
  expect(answer.status).toBe(200);
  expect(answer.text).toBe(JSON.stringify(NOTHING_YET));
});

test("what is on its way, waits or is held is processing; what was given up is failed", async () => {
  const endpoint = await configured({ receiver: { healthy: true, detail: "OK" } });
  const other = { ...endpoint, id: api.deps.ids.next("endpoint"), uid: null };
  api.state.endpoints.set(other.id, other);
  put(endpoint, ["pending", "retrying", "retrying", "held", "failed", "failed", "delivered", "cancelled"]);
  put(other, ["pending", "failed"]);
  expect((await api.call("GET", STATUS)).body).toEqual({
    webhookEnabled: true,
    webhookStatusDetail: "OK",
    webhookRequestsProcessing: 4,
    webhookRequestsFailed: 2,
  });
});

test("what the last request came to is told, whether or not the endpoint is active", async () => {
  const receiver = { healthy: false, detail: "Request failed with status code 404" };
  await configured({ receiver, status: "paused", statusReason: "manual" });
  const said = { webhookEnabled: false, webhookStatusDetail: receiver.detail };
  expect((await api.call("GET", STATUS)).body).toMatchObject(said);
});

test("a count that fails is -1, and the rest is told", async () => {
  await configured({ receiver: { healthy: true, detail: "OK" } });
  api.deps.stores.deliveries.countOfEndpoint = (_, statuses) =>
    statuses.includes("failed") ? Promise.reject(new Error("too slow")) : Promise.resolve(7);
  expect((await api.call("GET", STATUS)).body).toEqual({
    webhookEnabled: true,
    webhookStatusDetail: "OK",
    webhookRequestsProcessing: 7,
    webhookRequestsFailed: -1,
  });
});

test("after clearing, the counts stay and nothing is said about a receiver", async () => {
  const endpoint = await configured({ receiver: { healthy: true, detail: "OK" } });
  put(endpoint, ["held", "failed"]);
  await api.call("POST", "/settings", { body: { webhookUrl: null } });
  expect((await api.call("GET", STATUS)).body).toEqual({
    ...NOTHING_YET,
    webhookRequestsProcessing: 1,
    webhookRequestsFailed: 1,
  });
});

test("the retry starts one operation and says OK", async () => {
  const endpoint = await configured();
  const answer = await api.call("POST", RETRY);
  expect(answer.status).toBe(200);
  expect(answer.text).toBe("OK");
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  expect(api.engine.operations).toEqual([
    { operationId: textLike(/^op_/), kind: "retry", endpointId: endpoint.id, reason: aText },
  ]);
});

test("a retry without settings or without a URL has nothing to do and says OK", async () => {
  expect((await api.call("POST", RETRY)).text).toBe("OK");
  await configured();
  await api.call("POST", "/settings", { body: { webhookUrl: "" } });
  expect((await api.call("POST", RETRY)).text).toBe("OK");
  expect(api.engine.operations).toEqual([]);
});

test("a retry while Temporal is away is refused, to be sent again", async () => {
  await configured();
  api.engine.isDown = true;
  const answer = await api.call("POST", RETRY);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(answer.body).toEqual({
    status: 503,
    title: "ServiceUnavailableError",
    detail: aText,
    name: "Service Unavailable",
  });
});

/** As deep as what is kept of an answer can be. */
const DEEP = "[".repeat(8_192) + "]".repeat(8_192);
const sample = { meta: { type: "medical.consolidated-data", data: { a: "b" } }, patients: [{ patientId: "p" }] };

test("a sample goes out once with a complete envelope, and nothing of it is kept", async () => {
  const endpoint = await configured({ headers: { "x-mine": "1" } });
  const before = api.state.census();
  api.sender.answer = () => ({ statusCode: 202, responseBody: '{"got":"it"}', durationMs: 17 });
  const answer = await api.call("POST", SAMPLE, { body: sample });
  expect(answer.status).toBe(200);
  expect(answer.text).toBe(
    JSON.stringify({ status: 202, webhookResponse: { got: "it" }, url: URL_A, durationMillis: 17 }),
  );
  expect(api.state.census()).toEqual(before);
  expect(api.sender.requests).toHaveLength(1);
  const [request] = api.sender.requests;
  expect(request).toMatchObject({ url: URL_A, profile: "metriport", timeoutMs: 5_000, headers: { "x-mine": "1" } });
  expect(request?.secrets).toEqual(endpoint.secrets);
  const { meta, ...payload } = JSON.parse(Buffer.from(request?.payload ?? []).toString()) as typeof sample;
  expect(meta).toEqual({ ...sample.meta, messageId: textLike(UUID), when: textLike(/^\d{4}-.*Z$/) });
  expect(payload).toEqual({ patients: sample.patients });
});

test("a sample with a complete envelope keeps what its envelope says", async () => {
  await configured();
  const body = { patients: [], meta: { type: "x.y", when: "2026-01-01T00:00:00.000Z", messageId: "m" } };
  await api.call("POST", SAMPLE, { body });
  expect(JSON.parse(Buffer.from(api.sender.requests[0]?.payload ?? []).toString())).toEqual(body);
});

test.each([
  ["text", { statusCode: 500, outcome: "http.500", responseBody: "no" }, { status: 500, webhookResponse: "no" }],
  ["JSON too deep to be passed on", { responseBody: DEEP }, { status: 200, webhookResponse: DEEP }],
  [
    "nothing in time",
    { statusCode: null, outcome: "timeout.headers", error: "late" },
    { status: 504, webhookResponse: "late" },
  ],
  [
    "no connection",
    { statusCode: null, outcome: "connect.refused", error: "shut" },
    { status: 500, webhookResponse: "shut" },
  ],
] as const)("a receiver that answers a sample with %s is told as it is", async (_, result, told) => {
  await configured();
  api.sender.answer = () => result;
  const answer = await api.call("POST", SAMPLE, { body: sample });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject(told);
});

test.each([
  ["without settings", null, 400, "BadRequestError"],
  ["after clearing", { status: "disabled", statusReason: "cleared" }, 400, "BadRequestError"],
  ["to a paused endpoint", { status: "paused", statusReason: "manual" }, 409, "ConflictError"],
  ["to a disabled endpoint", { status: "disabled", statusReason: "manual" }, 409, "ConflictError"],
] as const)("a sample %s is refused", async (_, change, status, title) => {
  if (change !== null) await configured(change);
  const answer = await api.call("POST", SAMPLE, { body: sample });
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ status, title });
  expect(api.sender.requests).toEqual([]);
});

test("in production samples are for admin keys", async () => {
  const production = await startApi({ openAccess: "closed", samplePayloads: "admins" });
  const [applicationId = ""] = production.state.applications.keys();
  const [mine, admin] = [production.keyFor(applicationId), production.keyFor(null)];
  const body = { url: URL_A, uid: "metriport", profile: "metriport" };
  await production.call("POST", "/v1/endpoints", { body, key: admin });
  const refused = await production.call("POST", SAMPLE, { body: sample, key: mine });
  expect(refused.status).toBe(400);
  expect(refused.body).toEqual({ status: 400, title: "BadRequestError", detail: aText, name: "Bad Request" });
  expect(production.sender.requests).toEqual([]);
  expect((await production.call("POST", SAMPLE, { body: sample, key: admin })).status).toBe(200);
  await production.close();
});
