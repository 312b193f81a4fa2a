/** Pings: what is sent after a URL was set, what its answer comes to, and how many there are at once. */
import { createHmac } from "node:crypto";
import { onTestFinished, expect, test } from "vitest";
import type { Endpoint, ReceiverState } from "../../core/model.js";
import { testReceiver, testSender } from "../egress/harness.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { aText } from "../support/matchers.js";
import { sampleEndpoint } from "../support/samples.js";
import type { Answer, ReceivedRequest } from "../support/receiver.js";
import { until } from "../support/until.js";

const PING =
  /^\{"ping":"[\w-]{21}","meta":\{"messageId":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}","when":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","type":"ping"\}\}$/;
const JSON_TYPE = { "content-type": "application/json" };
const BAD: ReceiverState = { healthy: false, detail: "Bad response from webhook call" };

/** Over real sockets. */
async function realApi(): Promise<ApiServer> {
  const api = await startApi({}, (ports) => {
    ports.deps.sender = testSender();
  });
  onTestFinished(() => api.close());
  return api;
}

/** With a sender that the test answers for. */
async function scriptedApi(): Promise<ApiServer> {
  const api = await startApi();
  onTestFinished(() => api.close());
  return api;
}

const pingOf = (request: ReceivedRequest): string => (JSON.parse(request.body.toString()) as { ping: string }).ping;
const pong = (request: ReceivedRequest): Answer => ({ status: 200, body: JSON.stringify({ pong: pingOf(request) }) });
const settle = (api: ApiServer, webhookUrl: string) => api.call("POST", "/settings", { body: { webhookUrl } });

function designated(api: ApiServer): Endpoint {
  const endpoint = [...api.state.endpoints.values()].find((it) => it.uid === "metriport");
  if (endpoint === undefined) throw new Error("a URL was set");
  return endpoint;
}

const noted = (api: ApiServer): Promise<ReceiverState> =>
  until("the ping is over", () => designated(api).receiver ?? undefined);

test("a URL that is set is pinged with these headers and these bytes, and a pong says OK", async () => {
  const receiver = await testReceiver({ respond: pong });
  const api = await realApi();
  const key = (await settle(api, receiver.url)).textAt("webhookKey");
  const [request] = await receiver.waitFor(1);
  expect(await noted(api)).toEqual({ healthy: true, detail: "OK" });
  expect(request?.body.toString()).toMatch(PING);
  expect(request?.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Metriport API",
    "x-webhook-key": key,
    "x-metriport-signature": createHmac("sha256", key)
      .update(request?.body.toString() ?? "")
      .digest("hex"),
  });
  expect(api.state.census()).toMatchObject({ events: 0, deliveries: 0, attempts: 0 });
});

const outcomes: [string, Answer | ((request: ReceivedRequest) => Answer), ReceiverState][] = [
  ["nothing in the body", { status: 200 }, BAD],
  ["another pong", { status: 200, body: '{"pong":"another"}' }, BAD],
  ["a pong that is no text", { status: 200, body: '{"pong":1}' }, BAD],
  ["the pong alone", (request) => ({ status: 200, body: JSON.stringify(pingOf(request)) }), BAD],
  ["a list", (request) => ({ status: 200, body: JSON.stringify([pingOf(request)]) }), BAD],
  ["its own ping", (request) => ({ status: 200, body: JSON.stringify({ ping: pingOf(request) }) }), BAD],
  ["a pong and 201", (request) => ({ ...(pong(request) as object), status: 201 }), { healthy: true, detail: "OK" }],
  [
    "a pong and 500",
    (request) => ({ ...(pong(request) as object), status: 500 }),
    { healthy: false, detail: "Request failed with status code 500" },
  ],
  ["401", { status: 401 }, { healthy: false, detail: "Request failed with status code 401" }],
  [
    "a redirect",
    { status: 307, headers: { location: "http://127.0.0.1:9/" } },
    { healthy: false, detail: "Request failed with status code 307" },
  ],
];

test.each(outcomes)("%s in answer to a ping is told in the receiver's state", async (_, answer, expected) => {
  const receiver = await testReceiver({ respond: typeof answer === "function" ? answer : () => answer });
  const api = await realApi();
  await settle(api, receiver.url);
  expect(await noted(api)).toEqual(expected);
  expect(receiver.requests).toHaveLength(1);
});

test("a receiver that does not answer, and one that is not there, are told in words", async () => {
  const receiver = await testReceiver({ respond: () => "hang" });
  const api = await realApi();
  await settle(api, receiver.url);
  expect(await noted(api)).toEqual({ healthy: false, detail: "the receiver did not answer in time" });
  await receiver.close();
  expect((await api.call("POST", "/v1/endpoints/metriport/ping")).body).toEqual({
    healthy: false,
    detail: "the connection was refused",
  });
});

test("with skipPong any 2xx is an answer, and nothing else is", async () => {
  const receiver = await testReceiver({ respond: (_, index) => ({ status: index === 0 ? 204 : 404 }) });
  const api = await realApi();
  const body = { url: receiver.url, uid: "metriport", profile: "metriport", skipPong: true };
  await api.call("POST", "/v1/endpoints", { body });
  await settle(api, receiver.url);
  expect(await noted(api)).toEqual({ healthy: true, detail: "OK" });
  const again = await api.call("POST", "/v1/endpoints/metriport/ping");
  expect(again.body).toEqual({ healthy: false, detail: "Request failed with status code 404" });
});

test("the same URL again is pinged again; clearing and other changes are not", async () => {
  const api = await scriptedApi();
  const change = async (body: unknown) => {
    await api.call("POST", "/settings", { body });
    return api.sender.requests.length;
  };
  expect(await change({})).toBe(0);
  expect(await change({ webhookUrl: "https://a.example/" })).toBe(1);
  await noted(api);
  expect(await change({ webhookUrl: "https://a.example/" })).toBe(2);
  await until(
    "the second is over",
    async () => (await api.call("POST", "/v1/endpoints/metriport/ping")).status === 200,
  );
  const sent = api.sender.requests.length;
  expect(await change({ mrFilters: null })).toBe(sent);
  expect(await change({ webhookUrl: "" })).toBe(sent);
  expect(await change({ webhookUrl: null })).toBe(sent);
  expect((await api.call("GET", "/settings")).status).toBe(200);
  expect(api.sender.requests).toHaveLength(sent);
  expect(api.sender.requests[0]).toMatchObject({ timeoutMs: 2_000, profile: "metriport", eventType: "ping" });
});

/** Sends that wait until the test lets them go on. */
function gate(api: ApiServer): { open: () => void } {
  const gates: (() => void)[] = [];
  api.sender.answer = () =>
    new Promise((resolve) => gates.push(() => resolve({ outcome: "http.500", statusCode: 500 })));
  return { open: () => gates.shift()?.() };
}

test("the settings are answered without waiting for the ping", async () => {
  const api = await scriptedApi();
  const { open } = gate(api);
  expect((await settle(api, "https://a.example/")).status).toBe(200);
  expect(designated(api).receiver).toBeNull();
  open();
  expect((await noted(api)).healthy).toBe(false);
});

test.each([
  ["another URL", { url: "https://b.example/" }],
  ["no key", { secrets: [], status: "disabled", statusReason: "cleared" }],
] as const)("a ping that ends when the endpoint has %s is not written down", async (_, change) => {
  const api = await scriptedApi();
  const { open } = gate(api);
  const body = { url: "https://a.example/", uid: "metriport", profile: "metriport" };
  const id = (await api.call("POST", "/v1/endpoints", { body })).textAt("id");
  const asked = api.call("POST", `/v1/endpoints/${id}/ping`);
  await until("it is on its way", () => api.sender.requests.length === 1);
  api.state.endpoints.set(id, { ...designated(api), ...change });
  open();
  expect((await asked).body).toEqual({ healthy: false, detail: "Request failed with status code 500" });
  expect(designated(api).receiver).toBeNull();
});

test("pings to one endpoint go out one at a time, and what waits is the newest", async () => {
  const api = await scriptedApi();
  const { open } = gate(api);
  await settle(api, "https://one.example/");
  await settle(api, "https://two.example/");
  await settle(api, "https://three.example/");
  expect(api.sender.requests.map((it) => it.url)).toEqual(["https://one.example/"]);
  open();
  await until("the next is on its way", () => api.sender.requests.length === 2);
  open();
  await noted(api);
  expect(api.sender.requests.map((it) => it.url)).toEqual(["https://one.example/", "https://three.example/"]);
});

test("at most 64 endpoints are pinged at once; beyond that a ping is dropped and logged, or refused", async () => {
  const api = await scriptedApi();
  const { open } = gate(api);
  const [applicationId = ""] = api.state.applications.keys();
  const row = (): string => {
    const id = api.deps.ids.next("endpoint");
    const { secrets } = designated(api);
    const change = { profile: "metriport", secrets } as const;
    api.state.endpoints.set(id, sampleEndpoint({ id, applicationId, now: new Date() }, change));
    return id;
  };
  await settle(api, "https://a.example/");
  const asked = Array.from({ length: 63 }, () => api.call("POST", `/v1/endpoints/${row()}/ping`));
  await until("all are on their way", () => api.sender.requests.length === 64);

  const refused = await api.call("POST", `/v1/endpoints/${row()}/ping`);
  expect({ status: refused.status, code: refused.at("code") }).toEqual({ status: 429, code: "overloaded" });
  await api.call("POST", "/v1/applications", { body: { name: "x", uid: "other" } });
  const set = await api.call("POST", "/settings?application=other", { body: { webhookUrl: "https://a.example/" } });
  expect(set.status).toBe(200);
  await until("it is logged", () => api.lines.some((it) => it.message === "metriport.ping_dropped"));
  expect(api.sender.requests).toHaveLength(64);

  for (let index = 0; index < 64; index += 1) open();
  for (const answer of await Promise.all(asked)) expect(answer.status).toBe(200);
  const again = api.call("POST", `/v1/endpoints/${row()}/ping`);
  await until("there is room again", () => api.sender.requests.length === 65);
  open();
  expect((await again).status).toBe(200);
});

test("a ping that cannot be made, or not be written down, is logged and says nothing of the receiver", async () => {
  const api = await scriptedApi();
  api.sender.answer = () => ({ outcome: "internal.error", statusCode: null, error: "closed" });
  await settle(api, "https://a.example/");
  await until("it is logged", () => api.lines.some((it) => it.message === "metriport.ping_failed"));
  expect(designated(api).receiver).toBeNull();
  const asked = await api.call("POST", "/v1/endpoints/metriport/ping");
  expect({ status: asked.status, code: asked.at("code") }).toEqual({ status: 500, code: "internal" });
});

test("an endpoint of another profile, a disabled one and an unknown one are not pinged", async () => {
  const api = await scriptedApi();
  const make = async (profile: string) =>
    (await api.call("POST", "/v1/endpoints", { body: { url: "https://a.example/", profile } })).textAt("id");
  const [svix, disabled] = [await make("svix"), await make("metriport")];
  await api.call("POST", `/v1/endpoints/${disabled}/disable`);
  await settle(api, "https://a.example/");
  await noted(api);
  await settle(api, "");
  const sent = api.sender.requests.length;
  const before = [...api.state.endpoints.values()];
  for (const [id, status, code] of [
    [svix, 400, "invalid_input"],
    [disabled, 409, "endpoint_inactive"],
    ["metriport", 409, "endpoint_inactive"],
    ["nobody", 404, "not_found"],
    ["ep_000000000000000000000000000", 404, "not_found"],
    [`metriport?application=nobody`, 404, "not_found"],
    [`metriport?colour=red`, 400, "invalid_input"],
  ] as const) {
    const [name, query] = id.split("?");
    const answer = await api.call("POST", `/v1/endpoints/${name ?? ""}/ping${query === undefined ? "" : `?${query}`}`);
    expect({ id, status: answer.status, code: answer.at("code") }).toEqual({ id, status, code });
    expect(answer.at("message")).toEqual(aText);
  }
  expect(api.sender.requests).toHaveLength(sent);
  expect([...api.state.endpoints.values()]).toEqual(before);
});

test("a paused endpoint can be pinged, as any endpoint of the profile", async () => {
  const receiver = await testReceiver({ respond: (request) => ({ ...(pong(request) as object), headers: JSON_TYPE }) });
  const api = await realApi();
  const body = { url: receiver.url, profile: "metriport" };
  const id = (await api.call("POST", "/v1/endpoints", { body })).textAt("id");
  await api.call("POST", `/v1/endpoints/${id}/pause`);
  expect((await api.call("POST", `/v1/endpoints/${id}/ping`)).body).toEqual({ healthy: true, detail: "OK" });
  expect((await api.call("GET", `/v1/endpoints/${id}`)).at("receiver")).toEqual({ healthy: true, detail: "OK" });
});

test("customers cannot ping each other's endpoints", async () => {
  const api = await startApi({ openAccess: "closed" });
  onTestFinished(() => api.close());
  const admin = api.keyFor(null);
  const other = (await api.call("POST", "/v1/applications", { key: admin, body: { name: "x" } })).textAt("id");
  const body = { url: "https://a.example/", profile: "metriport" };
  const id = (await api.call("POST", "/v1/endpoints", { key: admin, body })).textAt("id");
  expect((await api.call("POST", `/v1/endpoints/${id}/ping`, { key: api.keyFor(other) })).status).toBe(404);
  expect(api.sender.requests).toEqual([]);
});
