import { afterAll, beforeAll, expect, test } from "vitest";
import { procedures } from "../../api/caller.js";
import { attemptRoutes } from "../../api/open-wearables/attempts.js";
import { endpointRoutes } from "../../api/open-wearables/endpoints.js";
import { messageRoutes } from "../../api/open-wearables/messages.js";
import { resendRoute } from "../../api/open-wearables/resend.js";
import { secretRoutes } from "../../api/open-wearables/secrets.js";
import { statusRoutes } from "../../api/open-wearables/status.js";
import { testRoute } from "../../api/open-wearables/test-event.js";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";
import { at, BATCH, samples } from "../support/health.js";
import { until } from "../support/until.js";

let api: ApiServer;
let mine: string;
/** Ids of another application by the folder of their path, and what is like them but does not exist. */
let theirs: Record<string, string>;
let unknown: Record<string, string>;

const firstOf = (rows: ReadonlyMap<string, unknown>) => [...rows.keys()][0] ?? "";
/** Another id of the same form. */
const unlike = (id: string) => id.slice(0, -1) + (id.endsWith("0") ? "1" : "0");

beforeAll(async () => {
  api = await startApi();
  const { state } = api;
  const applicationOf = async (uid: string) =>
    (await api.call("POST", "/v1/applications", { body: { name: uid, uid } })).textAt("id");
  const application = await applicationOf("theirs");
  mine = api.keyFor(await applicationOf("mine"));
  const key = api.keyFor(application);
  await api.call("POST", "/settings", { key, body: { webhookUrl: "https://their-receiver.example/" } });
  const event = { eventType: "their.type", payload: { secret: "plans" }, eventId: "their-event" };
  await api.call("POST", "/v1/event-types", { key, body: { name: "their.type" } });
  await api.call("POST", "/v1/events", { key, body: event });
  await until("delivered", () => state.attempts.size === 1);
  const endpoint = firstOf(state.endpoints);
  theirs = {
    applications: application,
    endpoints: endpoint,
    "event-types": "their.type",
    events: firstOf(state.events),
    deliveries: firstOf(state.deliveries),
    attempts: firstOf(state.attempts),
    keys: [...state.apiKeys.values()].find((it) => it.applicationId === application)?.id ?? "",
  };
  unknown = Object.fromEntries(Object.entries(theirs).map(([folder, id]) => [folder, unlike(id)]));
});
afterAll(() => api.close());

const OWNER = { id: "record-1", user_id: "user-1" };
const RUN = { user_id: "user-1", provider: "garmin" };
const PERIOD = { start_time: at(0), end_time: at(60) };
const SOURCE = { source: { provider: "garmin" } };

/** What the procedures need that name nothing by an id in their path. */
const INPUTS: Readonly<Record<string, object>> = {
  "applications.create": { name: "x" },
  "endpoints.create": { url: "https://receiver.example/" },
  "eventTypes.create": { name: "new.type" },
  "events.publish": { eventType: "a.b", payload: {} },
  "events.publishBatch": { events: [{ eventType: "a.b", payload: {} }] },
  "metriport.publish": { type: "a.b", payload: {} },
  "health.timeseries": { ...BATCH, samples: samples(2) },
  "health.workouts": { ...OWNER, ...PERIOD, ...SOURCE },
  "health.sleep": { ...OWNER, ...PERIOD, ...SOURCE },
  "health.cycles": { ...OWNER, ...PERIOD, ...SOURCE },
  "health.meals": { ...OWNER, ...PERIOD, ...SOURCE },
  "health.dailySummaries": { ...OWNER, ...SOURCE, date: "2026-11-22" },
  "health.connections": { ...RUN, event: "created", connection_id: "c-1", connected_at: at(0) },
  "health.syncs": { ...RUN, event: "started", source: "pull", run_id: "run-1" },
};

/** What can be seen of a refusal, without what names the thing that was asked for. */
function seen({ status, text }: Answer, id: string) {
  return { status, text: text.replaceAll(id, "<id>").replaceAll(/req_[0-9a-f]{32}/g, "<request>") };
}

function everything() {
  const { state, engine } = api;
  const rows = [state.applications, state.endpoints, state.eventTypes, state.events, state.deliveries, state.attempts];
  const keys = [...state.apiKeys.values()].map(({ id, revokedAt }) => ({ id, revokedAt }));
  return { rows: rows.map((it) => [...it.values()]), keys, commands: [...engine.commands] };
}

test.each(procedures().map((it) => it.name))(
  "%s treats what is another's as unknown, over REST and tRPC",
  async (name) => {
    const found = procedures().find((it) => it.name === name);
    if (found === undefined) throw new Error(`no procedure ${name}`);
    const { path, method } = found.meta.openapi;
    const [, folder = "", field] = /^\/v1\/([a-z-]+)(?:\/\{(\w+)\})?/.exec(path) ?? [];
    // Nothing in it belongs to anybody.
    if (name === "system.version") return;
    const hasBody = method === "POST" || method === "PATCH";
    const before = everything();

    const ask = async (ids: Record<string, string>): Promise<Answer[]> => {
      const subject = field === undefined ? {} : { [field]: ids[folder] };
      const input = { ...INPUTS[name], ...(field === undefined && { application: ids.applications }) };
      const body = JSON.stringify({ ...input, ...subject });
      const query = hasBody || field !== undefined ? "" : `?application=${ids.applications ?? ""}`;
      const place = path.replace(/\{\w+\}/, ids[folder] ?? "") + query;
      return [
        await api.call(method, place, { key: mine, ...(hasBody && { body: input }) }),
        found.type === "query"
          ? await api.call("GET", `/trpc/${name}?input=${encodeURIComponent(body)}`, { key: mine })
          : await api.call("POST", `/trpc/${name}`, { key: mine, body: JSON.parse(body) as unknown }),
      ];
    };
    const [foreign, nothing] = [await ask(theirs), await ask(unknown)];
    const named = field === undefined ? "applications" : folder;
    expect(foreign.map((it) => seen(it, theirs[named] ?? ""))).toEqual(
      nothing.map((it) => seen(it, unknown[named] ?? "")),
    );
    for (const { status } of foreign) expect([403, 404]).toContain(status);
    // Only what concerns applications as such is refused without a look.
    if (foreign.some((it) => it.status === 403)) expect(name).toMatch(/^applications\./);
    expect(everything()).toEqual(before);
  },
);

const OPEN_WEARABLES = [
  ...endpointRoutes,
  ...secretRoutes,
  ...statusRoutes,
  ...attemptRoutes,
  ...messageRoutes,
  testRoute,
  resendRoute,
].filter((it) => it.path.includes(":id"));

test.each(OPEN_WEARABLES.map((it) => [it.method.toUpperCase(), it.path]))(
  "%s /api/v1%s treats what is another's as unknown",
  async (method, path) => {
    const before = everything();
    const ask = (ids: Record<string, string>) => {
      const place = path.replace(":id", ids.endpoints ?? "").replace(":message", ids.events ?? "");
      const hasBody = method !== "GET" && method !== "DELETE";
      return api.call(method, `/api/v1${place}`, { key: mine, ...(hasBody && { body: {} }) });
    };
    const foreign = await ask(theirs);
    expect(foreign.status).toBe(404);
    expect(seen(foreign, theirs.endpoints ?? "")).toEqual(seen(await ask(unknown), unknown.endpoints ?? ""));
    expect(everything()).toEqual(before);
  },
);

test("an event of another application is not resent to an endpoint of one's own", async () => {
  const body = { url: "https://my-receiver.example/" };
  const endpoint = (await api.call("POST", "/v1/endpoints", { key: mine, body })).textAt("id");
  const before = everything();
  for (const event of [theirs.events, "their-event", unknown.events]) {
    const place = `/api/v1/webhooks/messages/${event ?? ""}/endpoints/${endpoint}/resend`;
    expect((await api.call("POST", place, { key: mine })).status).toBe(404);
  }
  const messages = await api.call("GET", "/api/v1/webhooks/messages", { key: mine });
  expect(messages.at("data")).toEqual([]);
  expect(everything()).toEqual(before);
});

test.each([
  ["GET", "/settings"],
  ["POST", "/settings"],
  ["GET", "/settings/webhook"],
  ["POST", "/settings/webhook/retry"],
  ["POST", "/settings/webhook/sample-payload"],
])("%s %s treats another's settings as unknown", async (method, path) => {
  const before = everything();
  const ask = (application: string) =>
    api.call(method, `${path}?application=${application}`, { key: mine, ...(method === "POST" && { body: {} }) });
  for (const name of [theirs.applications ?? "", "theirs"]) {
    const foreign = await ask(name);
    expect(foreign.status).toBe(404);
    expect(seen(foreign, name)).toEqual(seen(await ask("nobody"), "nobody"));
  }
  expect(everything()).toEqual(before);
});

test("what is made and read without naming anybody is one's own", async () => {
  const settings = await api.call("GET", "/settings", { key: mine });
  expect(settings.at("webhookUrl")).toBeNull();
  const keys = await api.call("GET", "/v1/keys", { key: mine });
  expect(JSON.stringify(keys.body)).not.toContain(theirs.keys);
  const audit = await api.call("GET", "/v1/audit", { key: mine });
  expect(JSON.stringify(audit.body)).not.toContain(theirs.applications);
});
