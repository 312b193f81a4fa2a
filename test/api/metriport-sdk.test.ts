/** Metriport's own SDK against this API, and the key in the header that it sends. */
import { MetriportMedicalApi } from "@metriport/api-sdk";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { METRIPORT_MESSAGE_TYPES } from "../../api/catalogue/metriport/message-types.js";
import { testReceiver, testSender } from "../egress/harness.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { aText, textLike } from "../support/matchers.js";
import { until } from "../support/until.js";

const HOOK = "https://a.example.com/hook";
let api: ApiServer;
let key: string;
let applicationId: string;
beforeAll(async () => {
  api = await startApi({ openAccess: "closed" });
  [applicationId = ""] = api.state.applications.keys();
  key = api.keyFor(applicationId);
});
afterAll(() => api.close());

const sdkFor = (server: ApiServer, apiKey: string): MetriportMedicalApi =>
  new MetriportMedicalApi(apiKey, { baseAddress: server.url });

test("the SDK reads, sets, clears and rotates, asks for the status and starts a retry", async () => {
  const sdk = sdkFor(api, key);
  const nothing = { id: applicationId, webhookUrl: null, webhookKey: null, mrFilters: null };
  expect(await sdk.getSettings()).toEqual(nothing);
  const set = await sdk.updateSettings(HOOK);
  expect(set).toEqual({ ...nothing, webhookUrl: HOOK, webhookKey: textLike(/^[\w-]{21}$/) });
  expect(await sdk.getSettings()).toEqual(set);
  await until("the ping is over", async () => Boolean((await sdk.getWebhookStatus()).webhookStatusDetail));
  expect(await sdk.getWebhookStatus()).toEqual({
    webhookEnabled: false,
    webhookStatusDetail: "Bad response from webhook call",
    webhookRequestsProcessing: 0,
    webhookRequestsFailed: 0,
  });
  await sdk.retryWebhookRequests();
  expect(api.engine.operations.at(-1)?.kind).toBe("retry");
  expect(await sdk.updateSettings("")).toEqual(nothing);
  const again = await sdk.updateSettings(HOOK);
  expect(again.webhookKey).not.toBe(set.webhookKey);
});

test("the SDK with a token instead of a key is the same caller", async () => {
  const sdk = new MetriportMedicalApi(key, { baseAddress: api.url, mode: "jwt" });
  expect(await sdk.getSettings()).toMatchObject({ id: applicationId });
});

test("the SDK verifies a ping over the raw bytes and parses it", async () => {
  const receiver = await testReceiver({ respond: () => ({ status: 200 }) });
  const real = await startApi({}, (ports) => {
    ports.deps.sender = testSender();
  });
  onTestFinished(() => real.close());
  const { webhookKey } = await sdkFor(real, real.keyFor(null)).updateSettings(receiver.url);
  const [ping] = await receiver.waitFor(1);
  if (ping === undefined || typeof webhookKey !== "string") throw new Error("a ping came, and there is a key");
  const signature = String(ping.headers["x-metriport-signature"]);
  expect(MetriportMedicalApi.verifyWebhookSignature(webhookKey, ping.body, signature)).toBe(true);
  expect(MetriportMedicalApi.verifyWebhookSignature(webhookKey, `${ping.body.toString()} `, signature)).toBe(false);
  expect(MetriportMedicalApi.parseWebhookResponse(JSON.parse(ping.body.toString()))).toMatchObject({ ping: aText });
});

test("the catalogue has every type of message once, each with a payload of its own", () => {
  const names = METRIPORT_MESSAGE_TYPES.map((it) => it.name);
  expect(names).toEqual([
    "devices.health-data",
    "devices.provider-connected",
    "devices.provider-disconnected",
    "medical.document-download",
    "medical.document-conversion",
    "medical.consolidated-data",
    "medical.document-bulk-download-urls",
    "medical.bulk-patient-create",
    "patient.admit",
    "patient.transfer",
    "patient.discharge",
    "network-query.hie",
    "network-query.pharmacy",
    "network-query.lab",
  ]);
  for (const { example } of METRIPORT_MESSAGE_TYPES) expect(example).not.toHaveProperty("meta");
});

const medical = METRIPORT_MESSAGE_TYPES.filter((it) => !it.name.startsWith("devices."));

test.each(medical)(
  "what is published as the example of $name is parsed by the SDK and loses nothing",
  async (entry) => {
    const body = { type: entry.name, payload: entry.example, data: { a: "b" }, requestId: "r" };
    const published = await api.call("POST", "/v1/metriport/messages", { key, body });
    expect(published.status).toBe(202);
    const stored = api.state.events.get(published.textAt("id"));
    const message: unknown = JSON.parse(Buffer.from(stored?.payload ?? []).toString());
    const parsed = MetriportMedicalApi.parseWebhookResponse(message, true);
    // A type that the SDK takes for another one would lose its fields.
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(message);
  },
);

test("the SDK refuses a message of a type that it does not know", () => {
  const meta = { messageId: "m", when: "2026-01-01T00:00:00.000Z", type: "medical.gossip" };
  expect(() => MetriportMedicalApi.parseWebhookResponse({ meta, patients: [] }, true)).toThrow();
});

test("x-api-key is accepted wherever a bearer token is", async () => {
  const headers = { "x-api-key": key };
  for (const path of [
    "/settings",
    "/settings/webhook",
    "/v1/endpoints",
    "/api/v1/webhooks/endpoints",
    "/trpc/endpoints.list?input=%7B%7D",
  ]) {
    expect({ path, status: (await api.call("GET", path, { headers })).status }).toEqual({ path, status: 200 });
  }
  const admin = { "x-api-key": ` ${api.keyFor(null)} ` };
  expect((await api.call("GET", "/v1/applications", { headers: admin })).status).toBe(200);
  expect((await api.call("GET", "/v1/applications", { headers })).status).toBe(403);
});

test.each<[string, Record<string, string>]>([
  ["no key", {}],
  ["a wrong key", { "x-api-key": "phk_wrong" }],
  ["an empty key", { "x-api-key": "" }],
  ["a key with a space", { "x-api-key": "a b" }],
  ["an endless key", { "x-api-key": "x".repeat(600) }],
  ["a wrong bearer token", { authorization: "Bearer phk_wrong" }],
])("%s is 401 at the REST API and a 403 problem at Metriport's routes", async (_, headers) => {
  expect((await api.call("GET", "/v1/endpoints", { headers })).status).toBe(401);
  const before = api.state.census();
  for (const [method, path] of [
    ["GET", "/settings"],
    ["POST", "/settings"],
    ["GET", "/settings/webhook"],
    ["POST", "/settings/webhook/retry"],
    ["POST", "/settings/webhook/sample-payload"],
  ] as const) {
    const answer = await api.call(method, path, { headers, ...(method === "POST" && { raw: "{{{" }) });
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({ status: 403, title: "ForbiddenError", detail: aText, name: "Forbidden" });
    expect(answer.headers.get("www-authenticate")).toBeNull();
  }
  expect(api.state.census()).toEqual(before);
});

test("where both are sent, Authorization decides", async () => {
  const right = `Bearer ${key}`;
  const send = (authorization: string, apiKey: string) =>
    api.call("GET", "/settings", { headers: { authorization, "x-api-key": apiKey } }).then((it) => it.status);
  expect(await send(right, "phk_wrong")).toBe(200);
  expect(await send("Bearer phk_wrong", key)).toBe(403);
  expect(await send("Basic YTpi", key)).toBe(403);
});

test("in dev a wrong x-api-key is still wrong, and none is needed", async () => {
  const open = await startApi();
  expect((await open.call("GET", "/settings")).status).toBe(200);
  expect((await open.call("GET", "/settings", { headers: { "x-api-key": "phk_wrong" } })).status).toBe(403);
  const foreign = await open.call("POST", "/settings", { raw: "{}", headers: { origin: "https://evil.example" } });
  expect(foreign.body).toMatchObject({ status: 403, title: "ForbiddenError" });
  await open.close();
});
