import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { until } from "../support/until.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  for (const map of [api.state.events, api.state.endpoints, api.state.deliveries]) map.clear();
  api.engine.outcome = "ok";
  api.engine.isBusy = false;
});
afterAll(() => api.close());

async function endpoint(fields: Record<string, unknown> = {}): Promise<string> {
  const answer = await api.call("POST", "/v1/endpoints", { body: { url: "https://a.example/", ...fields } });
  return answer.textAt("id");
}

async function publish(fields: Record<string, unknown> = {}): Promise<string> {
  const body = { eventType: "a.b", payload: { n: 1 }, ...fields };
  return (await api.call("POST", "/v1/events", { body })).textAt("id");
}

async function dispatched(id: string): Promise<void> {
  await until("dispatched", () => api.state.events.get(id)?.state === "dispatched");
}

test("an event is found by its id and by its eventId, with its payload and its deliveries counted", async () => {
  await endpoint();
  await endpoint();
  const id = await publish({ eventId: "my-1" });
  await dispatched(id);
  const byId = await api.call("GET", `/v1/events/${id}`);
  expect(byId.body).toMatchObject({ id, eventId: "my-1", payload: { n: 1 }, payloadBase64: null, state: "dispatched" });
  expect(byId.at("deliveries")).toEqual({ pending: 0, retrying: 0, held: 0, delivered: 2, failed: 0, cancelled: 0 });
  expect((await api.call("GET", "/v1/events/my-1")).body).toEqual(byId.body);
});

test("an eventId with reserved characters is found by its encoded form", async () => {
  const id = await publish({ eventId: "order:1/2?x=%" });
  const answer = await api.call("GET", `/v1/events/${encodeURIComponent("order:1/2?x=%")}`);
  expect(answer.at("id")).toBe(id);
});

test("events are listed by type, channel, text and time window, without payloads", async () => {
  const one = await publish({ eventType: "a.one", channels: ["c1"], eventId: "alpha" });
  const two = await publish({ eventType: "a.two", channels: ["c2"], eventId: "beta" });
  const idsOf = async (query: string) => {
    const answer = await api.call("GET", `/v1/events?${query}`);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('"payload"');
    return (answer.at("data") as { id: string }[]).map((row) => row.id);
  };
  expect(await idsOf("")).toEqual([two, one]);
  expect(await idsOf("order=oldest")).toEqual([one, two]);
  expect(await idsOf("eventType=a.one")).toEqual([one]);
  expect(await idsOf("channel=c2")).toEqual([two]);
  expect(await idsOf("text=lph")).toEqual([one]);
  expect(await idsOf(`text=${two.slice(-8)}`)).toEqual([two]);
  expect(await idsOf("until=2020-01-01T00:00:00Z")).toEqual([]);
  expect(await idsOf("from=2020-01-01T00:00:00%2B02:00")).toEqual([two, one]);
});

test("explain says for each endpoint whether the event matched and why not", async () => {
  const all = await endpoint();
  const type = await endpoint({ eventTypes: ["x.*"] });
  const channel = await endpoint({ channels: ["c"] });
  const disabled = await endpoint();
  await api.call("POST", `/v1/endpoints/${disabled}/disable`);
  const paused = await endpoint();
  await api.call("POST", `/v1/endpoints/${paused}/pause`);
  const id = await publish();
  await dispatched(id);
  const later = await endpoint();
  const answer = await api.call("GET", `/v1/events/${id}/explain`);
  expect(answer.at("endpoints")).toMatchObject([
    { endpointId: all, matched: true, reason: "matched", deliveryStatus: "delivered" },
    { endpointId: type, matched: false, reason: "event_type", deliveryId: null },
    { endpointId: channel, matched: false, reason: "channel" },
    { endpointId: disabled, matched: false, reason: "disabled" },
    { endpointId: paused, matched: true, deliveryStatus: "held" },
    { endpointId: later, matched: false, reason: "later" },
  ]);
  await api.call("DELETE", `/v1/endpoints/${all}`);
  const after = await api.call("GET", `/v1/events/${id}/explain`);
  expect(after.at("endpoints.5")).toMatchObject({ endpointId: all, url: null, reason: "deleted" });
});

test("a scheduled event is cancelled before it starts", async () => {
  await endpoint();
  const id = await publish({ deliverAt: new Date(Date.now() + 60_000).toISOString() });
  const answer = await api.call("POST", `/v1/events/${id}/cancel`);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ id, state: "cancelled" });
  expect((await api.call("POST", `/v1/events/${id}/cancel`)).status).toBe(200);
});

test.each([
  ["too deep to be written", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
  ["a key that poisons prototypes", '{"a":{"__proto__":{"b":1}}}'],
  ["a number that would become null", '{"a":1e400}'],
])("a payload that was stored with %s is shown as the bytes that it is", async (_what, text) => {
  const id = await publish();
  await dispatched(id);
  const stored = api.state.events.get(id);
  if (stored === undefined) throw new Error("it was published");
  const payload = Buffer.from(text);
  api.state.events.set(id, { ...stored, payload });
  const answer = await api.call("GET", `/v1/events/${id}`);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ payload: null, payloadBase64: payload.toString("base64") });
});

test("cancelling an event cancels all deliveries that are not final, and no others", async () => {
  await endpoint();
  const id = await publish();
  await dispatched(id);
  api.engine.outcome = "http.500";
  const [delivered] = [...api.state.deliveries.values()];
  const second = await endpoint();
  const third = await endpoint();
  for (const endpointId of [second, third]) {
    if (delivered === undefined) throw new Error("no delivery");
    const row = { ...delivered, id: `${delivered.id.slice(0, 32)}${endpointId.slice(2)}`, endpointId };
    api.state.deliveries.set(row.id, { ...row, status: "retrying" });
  }
  const answer = await api.call("POST", `/v1/events/${id}/cancel`);
  expect(answer.status).toBe(200);
  expect(answer.at("deliveries")).toMatchObject({ delivered: 1, cancelled: 2, retrying: 0 });
});

test("an event of which nothing is left to cancel is refused in words", async () => {
  const nobody = await publish();
  await dispatched(nobody);
  const none = await api.call("POST", `/v1/events/${nobody}/cancel`);
  expect(none.status).toBe(409);
  expect(none.textAt("message")).toContain("matched no endpoint");
  await endpoint();
  const id = await publish();
  await dispatched(id);
  const answer = await api.call("POST", `/v1/events/${id}/cancel`);
  expect(answer.status).toBe(409);
  expect(answer.at("code")).toBe("delivery_final");
  expect(answer.textAt("message")).toContain("1 already delivered");
});

test("an event whose attempts hang is answered with attempt_in_flight, within bounds", async () => {
  await endpoint();
  api.engine.outcome = "http.503";
  const id = await publish();
  await dispatched(id);
  api.engine.isBusy = true;
  const answer = await api.call("POST", `/v1/events/${id}/cancel`);
  expect(answer.status).toBe(409);
  expect(answer.at("code")).toBe("attempt_in_flight");
});
