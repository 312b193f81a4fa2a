import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { EndpointWatch } from "../../activities/endpoint-watch.js";
import { OPERATIONAL_EVENT_TYPES } from "../../api/catalogue/operator/event-types.js";
import { createOperationalEvents } from "../../api/operator/operational-events.js";
import { PosthornError } from "../../core/errors.js";
import type { WebhookEvent } from "../../core/model.js";
import { operationalKeyOf } from "../../core/operational-events.js";
import type { OperationalEvent } from "../../core/operational-events.js";
import { ensureBuiltInApplications } from "../../runtime/built-in-applications.js";
import { ensureApplication } from "../../store/applications.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

const HOOK = "https://user:pass@hooks.example:8443/in/box?token=s3cr3t#part";
const AT = new Date("2026-03-14T06:30:00Z");

let api: ApiServer;
let operatorId: string;
let endpointId: string;
let applicationId: string;
beforeEach(async () => {
  api = await startApi();
  operatorId = (await api.call("GET", "/v1/applications/operator")).textAt("id");
  applicationId = (await api.call("GET", "/v1/applications/default")).textAt("id");
  endpointId = (await api.call("POST", "/v1/endpoints", { body: { url: HOOK, uid: "crm" } })).textAt("id");
});
afterEach(() => api.close());

const told = (): WebhookEvent[] => [...api.state.events.values()].filter((it) => it.applicationId === operatorId);
const act = (action: string, id = endpointId) => api.call("POST", `/v1/endpoints/${id}/${action}`);
const payloadSchema = z.strictObject({
  type: z.string(),
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
});
const payloadOf = (event: WebhookEvent | undefined) =>
  payloadSchema.parse(JSON.parse(Buffer.from(event?.payload ?? []).toString()));

function everyKind(): OperationalEvent[] {
  const about = { applicationId, endpointId, revision: 7, at: AT };
  const lastOutcome = "http.503" as const;
  return [
    { ...about, type: "endpoint.failing", consecutiveFailures: 5, failingSince: AT, lastOutcome },
    { ...about, type: "endpoint.recovered", failedSince: AT },
    { ...about, type: "endpoint.disabled", reason: "gone" },
    { ...about, type: "endpoint.enabled" },
    {
      type: "delivery.exhausted",
      applicationId,
      endpointId,
      eventId: "msg_1",
      eventType: "order.paid",
      deliveryId: "dlv_1",
      attemptCount: 8,
      lastOutcome,
      lastStatusCode: null,
      at: AT,
    },
  ];
}

/** One of them. */
function recovered(change: { applicationId?: string; endpointId?: string; revision?: number } = {}): OperationalEvent {
  return { type: "endpoint.recovered", applicationId, endpointId, revision: 7, at: AT, failedSince: AT, ...change };
}

describe("the application operator", () => {
  test("is there from the start, keeps its uid and cannot be deleted", async () => {
    const deleted = await api.call("DELETE", "/v1/applications/operator");
    expect([deleted.status, deleted.at("code")]).toEqual([409, "conflict"]);
    expect(deleted.textAt("message")).toContain("delete its endpoints");
    const renamed = await api.call("PATCH", `/v1/applications/${operatorId}`, { body: { uid: "ours" } });
    expect([renamed.status, renamed.at("code")]).toEqual([409, "conflict"]);
    const taken = await api.call("POST", "/v1/applications", { body: { name: "x", uid: "operator" } });
    expect(taken.status).toBe(409);
    expect((await api.call("PATCH", "/v1/applications/operator", { body: { name: "Us" } })).status).toBe(200);
  });

  test("looks to the key of another application as if it did not exist", async () => {
    const key = api.keyFor(applicationId);
    for (const path of ["/v1/applications/operator", "/v1/events?application=operator"]) {
      const foreign = await api.call("GET", path, { key });
      const unknown = await api.call("GET", path.replace("operator", "nobody12"), { key });
      expect(foreign.status).toBe(404);
      expect(foreign.at("code")).toBe(unknown.at("code"));
    }
  });

  test("has the event types that it gets, as this version describes them, however often a process starts", async () => {
    const { ids, clock, stores } = api.deps;
    const ensure = () =>
      ensureBuiltInApplications(
        {
          ensureDefaultApplication: () => ensureApplication(stores.applications, "default", { ids, clock }),
          ensureOperatorApplication: () => ensureApplication(stores.applications, "operator", { ids, clock }),
          eventTypes: stores.eventTypes,
        },
        AT,
      );
    expect((await ensure()).operator.id).toBe(operatorId);
    const changed = { description: "mine" };
    await api.call("PATCH", "/v1/event-types/endpoint.failing?application=operator", { body: changed });
    await ensure();
    const listed = await api.call("GET", "/v1/event-types?application=operator");
    const { data } = z.object({ data: z.array(z.looseObject({ name: z.string() })) }).parse(listed.body);
    const byName = new Map(data.map((it) => [it.name, it]));
    expect(byName.size).toBe(OPERATIONAL_EVENT_TYPES.length);
    for (const { name, description, schema, example } of OPERATIONAL_EVENT_TYPES) {
      expect(byName.get(name)).toMatchObject({ description, schema, example });
    }
    expect((await api.call("GET", "/v1/event-types")).at("data")).toEqual([]);
  });
});

describe("what is told", () => {
  test("is an event of the application operator whose payload its type's schema accepts", async () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
    addFormats.default(ajv);
    for (const event of everyKind()) {
      await api.deps.operational.tell(event);
      const stored = told().at(-1);
      const payload = payloadOf(stored);
      const entry = OPERATIONAL_EVENT_TYPES.find((it) => it.name === event.type);
      const validate = ajv.compile(entry?.schema ?? false);
      validate(payload);
      expect([event.type, validate.errors]).toEqual([event.type, null]);
      const { data } = z.object({ data: z.record(z.string(), z.unknown()) }).parse(entry?.example);
      expect(Object.keys(payload.data).sort()).toEqual(Object.keys(data).sort());
      expect(stored).toMatchObject({
        eventType: event.type,
        eventId: operationalKeyOf(event),
        channels: [],
        test: false,
      });
    }
    expect(told()).toHaveLength(OPERATIONAL_EVENT_TYPES.length);
    const listed = await api.call("GET", "/v1/events?application=operator");
    expect(z.array(z.unknown()).parse(listed.at("data"))).toHaveLength(OPERATIONAL_EVENT_TYPES.length);
  });

  test("names the endpoint without user name, password, query and fragment of its URL", async () => {
    await api.deps.operational.tell(recovered());
    expect(payloadOf(told()[0])).toMatchObject({
      timestamp: AT.toISOString(),
      data: { applicationUid: "default", endpointUid: "crm", url: "https://hooks.example:8443/in/box" },
    });
    expect(Buffer.from(told()[0]?.payload ?? []).toString()).not.toMatch(/user|pass@|s3cr3t|part/);
  });

  test("is stored once, also if it is told in other words later", async () => {
    const { operational } = api.deps;
    await Promise.all([operational.tell(recovered()), operational.tell(recovered())]);
    await api.call("PATCH", `/v1/endpoints/${endpointId}`, { body: { url: "https://moved.example/" } });
    await operational.tell(recovered());
    expect(told()).toHaveLength(1);
  });

  test("has no URL when the endpoint is gone", async () => {
    await api.call("DELETE", `/v1/endpoints/${endpointId}`);
    await api.deps.operational.tell(recovered());
    expect(payloadOf(told()[0]).data).toMatchObject({ endpointId, endpointUid: null, url: null });
  });

  test("is delivered to endpoints of the application operator that asked for its type", async () => {
    const body = { url: "https://ops.example/", application: "operator" };
    const wanted = await api.call("POST", "/v1/endpoints", { body: { ...body, eventTypes: ["endpoint.*"] } });
    const other = await api.call("POST", "/v1/endpoints", { body: { ...body, eventTypes: ["delivery.*"] } });
    await act("disable");
    await expect.poll(() => api.state.deliveries.size).toBe(1);
    const [delivery] = api.state.deliveries.values();
    expect(delivery).toMatchObject({ endpointId: wanted.textAt("id"), eventId: told()[0]?.id });
    expect(delivery?.endpointId).not.toBe(other.textAt("id"));
  });

  test("does not take the first attempts of this process from customers' events", async () => {
    await api.deps.operational.tell(recovered());
    expect(told()[0]?.headStart).toBeNull();
    expect(api.headStarts.begun).toEqual([]);
    expect(api.engine.dispatched).toEqual([told()[0]?.id]);
  });

  test("is nothing about the application operator itself", async () => {
    const body = { url: "https://ops.example/", application: "operator" };
    const id = (await api.call("POST", "/v1/endpoints", { body })).textAt("id");
    expect((await api.call("POST", `/v1/endpoints/${id}/disable?application=operator`)).status).toBe(200);
    await api.deps.operational.tell(recovered({ applicationId: operatorId, endpointId: id }));
    expect(told()).toEqual([]);
  });

  test("is refused as unavailable while the store is away, and told by the next try", async () => {
    api.state.isDown = true;
    await expect(api.deps.operational.tell(recovered())).rejects.toMatchObject({ code: "store_unavailable" });
    api.state.isDown = false;
    await api.deps.operational.tell(recovered());
    expect(told()).toHaveLength(1);
  });

  test("is refused as unavailable beyond a thousand at once, and counted", async () => {
    const teller = createOperationalEvents(api.deps);
    const all = Array.from({ length: 1_001 }, (_, n) => recovered({ revision: n }));
    const settled = await Promise.allSettled(all.map((it) => teller.tell(it)));
    const refused = settled.flatMap((it) => (it.status === "rejected" ? [it.reason as unknown] : []));
    expect(refused).toMatchObject([{ code: "store_unavailable" }]);
    expect([teller.refused, teller.inFlight, told().length]).toEqual([1, 0, 1_000]);
    await teller.tell(recovered({ revision: 1_000 }));
    expect(told()).toHaveLength(1_001);
  });

  test("is lost with a warning where the application operator does not exist", async () => {
    api.state.applications.delete(operatorId);
    await api.deps.operational.tell(recovered());
    expect(api.state.events.size).toBe(0);
    expect(api.lines).toMatchObject([{ level: "warn", fields: { event: "operational.no_operator", endpointId } }]);
  });
});

describe("callers", () => {
  test("who disable and enable an endpoint have operators told, once for each change", async () => {
    for (const action of ["disable", "disable", "enable", "enable", "disable"]) {
      api.advance(10);
      await act(action);
    }
    expect(told().map((it) => it.eventType)).toEqual(["endpoint.disabled", "endpoint.enabled", "endpoint.disabled"]);
    expect(payloadOf(told()[0]).data).toMatchObject({ applicationId, endpointId, reason: "manual" });
  });

  test("who pause and resume tell nobody, and disabling a paused endpoint tells", async () => {
    for (const action of ["pause", "resume", "pause"]) await act(action);
    expect(told()).toEqual([]);
    await act("disable");
    expect(told()).toHaveLength(1);
  });

  test("of Open Wearables' routes and of Metriport's settings tell as well", async () => {
    await api.call("POST", `/api/v1/webhooks/endpoints/${endpointId}/disable`);
    await api.call("POST", `/api/v1/webhooks/endpoints/${endpointId}/enable`);
    const set = (webhookUrl: string) => api.call("POST", "/settings", { body: { webhookUrl } });
    await set("https://metriport.example/");
    await set("");
    await set("https://metriport.example/");
    const kinds = told().map((it) => [it.eventType, payloadOf(it).data.reason]);
    expect(kinds).toEqual([
      ["endpoint.disabled", "manual"],
      ["endpoint.enabled", undefined],
      ["endpoint.disabled", "cleared"],
      ["endpoint.enabled", undefined],
    ]);
  });

  test("are answered as usual where telling failed, and operators are told by the sweep", async () => {
    const { operational, stores } = api.deps;
    api.deps.operational = { tell: () => Promise.reject(new PosthornError("store_unavailable")) };
    const answer = await act("disable");
    expect([answer.status, answer.at("status")]).toEqual([200, "disabled"]);
    const fields = { event: "operational.not_told", endpointId };
    expect(api.lines.filter((it) => it.level === "error")).toMatchObject([{ fields }]);
    expect(told()).toEqual([]);

    const { endpoints } = stores;
    const watch = new EndpointWatch({ ...api.deps, endpoints, operational });
    await watch.tellUntold(await endpoints.withUntold(10));

    expect(told().map((it) => it.eventType)).toEqual(["endpoint.disabled"]);
    expect(payloadOf(told()[0]).data).toMatchObject({ endpointId, reason: "manual" });
    expect(await endpoints.withUntold(10)).toEqual([]);
  });

  test("who enable an endpoint have operators told even if the release cannot start", async () => {
    await act("disable");
    api.engine.isDown = true;
    expect((await act("enable")).status).toBe(503);
    api.engine.isDown = false;
    expect((await act("enable")).status).toBe(200);
    expect(told().map((it) => it.eventType)).toEqual(["endpoint.disabled", "endpoint.enabled"]);
  });
});
