import { afterEach, beforeEach, expect, test } from "vitest";
import { procedures } from "../../api/caller.js";
import { parseApiKeyId } from "../../api/keys/api-key.js";
import { isAudited } from "../../api/procedure-meta.js";
import type { AuditEntry } from "../../core/model.js";
import { Secret } from "../../core/secret.js";
import { UnreadableSecret } from "../../store/sealing/unreadable-secret.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer, CallOptions } from "../support/api-server.js";
import { whsec } from "../support/memory-ports.js";
import { until } from "../support/until.js";

const ADMIN_KEY = "an-admin-key-of-the-operator";
let api: ApiServer;
let applicationId: string;
beforeEach(async () => {
  api = await startApi({ openAccess: "loopback-admin", adminKey: new Secret(ADMIN_KEY) });
  [applicationId = ""] = api.state.applications.keys();
});
afterEach(() => api.close());

const entries = (): AuditEntry[] => [...api.state.audit.values()];
const actions = () => entries().map((it) => it.action);
const last = () => entries().at(-1);

async function endpoint(options: CallOptions = {}): Promise<string> {
  const body = { url: "https://a.example/hook", uid: "hook", ...Object(options.body) } as Record<string, unknown>; // fields of an input
  return (await api.call("POST", "/v1/endpoints", { ...options, body })).textAt("id");
}

test("every mutation is on the list but those that publish, and so is reading a secret", () => {
  const audited = procedures().filter(({ type, meta }) => isAudited({ ...meta, type }));
  const names = new Set(audited.map((it) => it.name));
  expect(audited.filter((it) => it.type === "query").map((it) => it.name)).toEqual(["endpoints.secret"]);
  const silent = procedures().filter((it) => it.type === "mutation" && !names.has(it.name));
  expect(silent.map((it) => it.name).filter((name) => !name.startsWith("health."))).toEqual([
    "endpoints.test",
    "events.publish",
    "events.publishBatch",
    "metriport.publish",
  ]);
});

test("an entry says who, when, what and to which thing, under the id of the request", async () => {
  const key = api.keyFor(applicationId);
  const created = await api.call("POST", "/v1/endpoints", { key, body: { url: "https://a.example/" } });
  expect(last()).toMatchObject({
    applicationId,
    keyId: parseApiKeyId(key),
    requestId: created.headers.get("x-request-id"),
    action: "endpoints.create",
    targetIds: [created.textAt("id")],
    before: null,
    after: { url: "https://a.example/", status: "active" },
    error: null,
  });
  await api.call("GET", `/v1/endpoints/${created.textAt("id")}/secret`, { key: ADMIN_KEY });
  expect(last()).toMatchObject({ keyId: "admin-key", action: "endpoints.secret", before: null, after: null });
  await api.call("POST", "/trpc/endpoints.pause", { body: { id: created.textAt("id") } });
  expect(last()).toMatchObject({
    keyId: "open-access",
    action: "endpoints.pause",
    before: { status: "active", statusReason: null },
    after: { status: "paused", statusReason: "manual" },
  });
});

test("an update tells the fields that changed, by name of the thing and not by how it was called", async () => {
  const id = await endpoint();
  await api.call("PATCH", "/v1/endpoints/hook", { body: { description: "new", url: "https://a.example/hook" } });
  expect(last()).toMatchObject({ targetIds: [id], before: { description: "" }, after: { description: "new" } });
  expect(Object.keys(last()?.after ?? {})).toEqual(["description"]);
  const named = await api.call("POST", "/v1/applications", { body: { name: "one", uid: "one" } });
  expect(last()).toMatchObject({ action: "applications.create", applicationId: named.at("id") });
  await api.call("PATCH", "/v1/applications/one", { body: { name: "two" } });
  expect(last()).toMatchObject({
    action: "applications.update",
    applicationId: named.at("id"),
    targetIds: [named.at("id")],
    before: { name: "one" },
    after: { name: "two" },
  });
  await api.call("DELETE", "/v1/applications/one");
  expect(last()).toMatchObject({ action: "applications.delete", before: { uid: "one", name: "two" }, after: null });
});

test("no secret, header value, key or query of a URL is ever on the list", async () => {
  const [imported, rotated] = [whsec(), whsec()];
  const secrets = { secret: imported, headers: { "x-note": "value-of-note", authorization: "Bearer value-of-auth" } };
  const id = await endpoint({ body: { ...secrets, url: "https://a.example/hook?token=value-of-query" } });
  await api.call("PATCH", `/v1/endpoints/${id}`, { body: { headers: { authorization: "Bearer value-of-other" } } });
  expect(last()).toMatchObject({
    before: { headers: ["x-note", "authorization"] },
    after: { headers: ["authorization"] },
  });
  // The masked value looks the same before and after; that headers were set is told all the same.
  await api.call("PATCH", `/v1/endpoints/${id}`, { body: { headers: { authorization: "Bearer value-of-third" } } });
  expect(last()).toMatchObject({ after: { headers: ["authorization"] } });
  const generated = await api.call("POST", `/v1/endpoints/${id}/secret/rotate`, { body: {} });
  await api.call("POST", `/v1/endpoints/${id}/secret/rotate`, { body: { key: rotated } });
  await api.call("GET", `/v1/endpoints/${id}/secret`);
  const made = await api.call("POST", "/v1/keys", { body: { name: "ci" } });
  await api.call("POST", "/settings", { body: { webhookUrl: "https://b.example/?token=value-of-query" } });
  const settings = await api.call("GET", "/settings");
  await api.call("DELETE", `/v1/endpoints/${id}`);
  expect(actions()).toEqual([
    "endpoints.create",
    "endpoints.update",
    "endpoints.update",
    "endpoints.rotateSecret",
    "endpoints.rotateSecret",
    "endpoints.secret",
    "keys.create",
    "settings.update",
    "settings.read",
    "endpoints.delete",
  ]);
  const text = JSON.stringify(entries());
  expect(text).not.toContain("value-of");
  for (const secret of [
    imported,
    rotated,
    generated.textAt("key"),
    made.textAt("key"),
    settings.textAt("webhookKey"),
  ]) {
    expect(text).not.toContain(secret);
  }
  expect(text).not.toContain("whsec_");
  expect(text).toContain("https://a.example/hook?…");
});

test("what was refused is not on the list", async () => {
  const key = api.keyFor(applicationId, { scopes: ["endpoints:read"] });
  const id = await endpoint();
  const count = entries().length;
  await api.call("PATCH", `/v1/endpoints/${id}`, { key, body: { description: "x" } });
  await api.call("PATCH", `/v1/endpoints/${id}`, { body: { url: "nonsense" } });
  await api.call("POST", `/v1/endpoints/${id}/resume`, { raw: "{{{", headers: { "content-type": "application/json" } });
  await api.call("PATCH", "/v1/endpoints/unknown", { body: { description: "x" } });
  await api.call("POST", `/v1/endpoints/${id}/enable`);
  await api.call("POST", "/v1/endpoints", { body: { url: "https://c.example/", uid: "hook" } });
  // `enable` repeats a release, which is a command; the others changed nothing.
  expect(actions().slice(count)).toEqual(["endpoints.enable"]);
});

test("a command whose end nobody waited for is on the list with the error that was answered", async () => {
  const id = await endpoint();
  await api.call("POST", `/v1/endpoints/${id}/pause`);
  api.engine.isDown = true;
  expect((await api.call("POST", `/v1/endpoints/${id}/resume`)).status).toBe(503);
  expect(last()).toMatchObject({ action: "endpoints.resume", targetIds: [id], error: "engine_unavailable" });
});

test("an entry that cannot be written is logged, and the change is answered as made", async () => {
  const id = await endpoint();
  api.deps.stores.audit.append = () => Promise.reject(new Error("the disk is full"));
  const answer = await api.call("PATCH", `/v1/endpoints/${id}`, { body: { description: "new" } });
  expect([answer.status, answer.at("description")]).toEqual([200, "new"]);
  const line = api.lines.find((it) => it.fields.event === "audit.failed");
  expect(line).toMatchObject({ level: "error", fields: { action: "endpoints.update" } });
  expect(line?.fields.requestId).toBe(answer.headers.get("x-request-id"));
});

test("entries are bounded: what is long is shortened with a mark", async () => {
  const eventTypes = Array.from({ length: 500 }, (_, index) => `type.${index}.${"x".repeat(200)}`);
  const metadata = { note: "y".repeat(4_000) };
  await endpoint({ body: { eventTypes, metadata, description: "z".repeat(500) } });
  const schema = { description: "w".repeat(60_000) };
  await api.call("POST", "/v1/event-types", { body: { name: "a.b", schema, example: schema } });
  expect(last()?.after).toMatchObject({ schema: expect.stringMatching(/… \(shortened\)$/) as string });
  for (const entry of entries()) expect(JSON.stringify(entry).length).toBeLessThan(16_384);
});

test("event types, deliveries and events are on the list with what became of them", async () => {
  await api.call("POST", "/v1/event-types", { body: { name: "a.b", description: "old" } });
  await api.call("PATCH", "/v1/event-types/a.b", { body: { description: "new" } });
  expect(last()).toMatchObject({ targetIds: ["a.b"], before: { description: "old" }, after: { description: "new" } });
  await api.call("DELETE", "/v1/event-types/a.b");
  expect(last()).toMatchObject({ action: "eventTypes.archive", targetIds: ["a.b"], after: null });
  await endpoint();
  await api.call("POST", "/v1/events", { body: { eventType: "a.b", payload: {} } });
  await until("delivered", () => api.state.attempts.size === 1);
  const [delivery = ""] = api.state.deliveries.keys();
  await api.call("POST", `/v1/deliveries/${delivery}/resend`);
  expect(last()).toMatchObject({ action: "deliveries.resend", targetIds: [delivery], applicationId });
  const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
  const event = await api.call("POST", "/v1/events", { body: { eventType: "a.b", payload: {}, deliverAt } });
  await api.call("POST", `/v1/events/${event.textAt("id")}/cancel`);
  expect(last()).toMatchObject({ before: { state: "scheduled" }, after: { state: "cancelled" } });
  expect(actions()).not.toContain("events.publish");
});

test("what is done over Open Wearables' and Metriport's routes is on the list as well", async () => {
  const made = await api.call("POST", "/api/v1/webhooks/endpoints", { body: { url: "https://ow.example/" } });
  await api.call("GET", `/api/v1/webhooks/endpoints/${made.textAt("id")}/secret`);
  await api.call("POST", "/settings", { body: { webhookUrl: "https://one.example/" } });
  await api.call("POST", "/settings", { body: { webhookUrl: "https://two.example/" } });
  expect(last()).toMatchObject({
    applicationId,
    targetIds: [applicationId],
    before: { webhookUrl: "https://one.example/" },
    after: { webhookUrl: "https://two.example/" },
  });
  await api.call("POST", "/settings/webhook/retry");
  expect(actions()).toEqual([
    "endpoints.create",
    "endpoints.secret",
    "settings.update",
    "settings.update",
    "settings.retry",
  ]);
});

test("settings whose key cannot be read are cleared on the list as others are", async () => {
  await api.call("POST", "/settings", { body: { webhookUrl: "https://one.example/" } });
  const [designated] = api.state.endpoints.values();
  if (designated === undefined) throw new Error("a URL was set");
  const [secret] = designated.secrets;
  if (secret === undefined) throw new Error("a URL comes with a key");
  const key = new UnreadableSecret("v1.gone", "place", "its encryption key is gone");
  api.state.endpoints.set(designated.id, { ...designated, secrets: [{ ...secret, key }] });
  expect((await api.call("POST", "/settings", { body: { webhookUrl: null } })).status).toBe(200);
  expect(last()).toMatchObject({
    action: "settings.update",
    before: { webhookUrl: "https://one.example/" },
    after: { webhookUrl: null },
  });
  expect(entries()).toHaveLength(2);
});

test("the list pages and filters, and an application's key sees its own part only", async () => {
  const other = (await api.call("POST", "/v1/applications", { body: { name: "other", uid: "other" } })).textAt("id");
  const [mine, theirs] = [api.keyFor(applicationId), api.keyFor(other)];
  await endpoint({ key: mine });
  await endpoint({ key: theirs });
  const between = entries().at(-1)?.at.toISOString() ?? "";
  api.advance(1_000);
  await api.call("POST", "/v1/endpoints/hook/pause", { key: theirs });
  const found = async (query: string, key = ADMIN_KEY) => {
    const answer = await api.call("GET", `/v1/audit?order=oldest&${query}`, { key });
    expect(answer.status).toBe(200);
    return (Object(answer.at("data")) as { action: string; applicationId: string }[]).map(
      (row) => `${row.action} ${row.applicationId === other ? "other" : "default"}`,
    );
  };
  const all = [
    "applications.create other",
    "endpoints.create default",
    "endpoints.create other",
    "endpoints.pause other",
  ];
  expect(await found("")).toEqual(all);
  expect(await found("", theirs)).toEqual(all.filter((it) => it.endsWith("other")));
  expect(await found("application=other", theirs)).toEqual(all.filter((it) => it.endsWith("other")));
  expect(await found("application=other")).toEqual(all.filter((it) => it.endsWith("other")));
  expect(await found("action=endpoints.create")).toEqual(all.slice(1, 3));
  expect(await found(`key=${parseApiKeyId(mine) ?? ""}`)).toEqual(all.slice(1, 2));
  expect(await found(`key=${parseApiKeyId(mine) ?? ""}`, theirs)).toEqual([]);
  const after = new Date(Date.parse(between) + 1).toISOString();
  expect(await found(`from=${after}`)).toEqual(all.slice(3));
  expect(await found(`until=${after}`)).toEqual(all.slice(0, 3));
  expect((await api.call("GET", `/v1/audit?application=${other}`, { key: mine })).status).toBe(404);
  const first = await api.call("GET", "/v1/audit?limit=3&order=oldest", { key: ADMIN_KEY });
  const cursor = encodeURIComponent(first.textAt("nextCursor"));
  const rest = await api.call("GET", `/v1/audit?cursor=${cursor}`, { key: ADMIN_KEY });
  expect([rest.at("data.0.action"), rest.at("nextCursor")]).toEqual(["endpoints.pause", null]);
  await api.call("DELETE", "/v1/applications/other", { key: ADMIN_KEY });
  // Entries outlive their application.
  expect(await found(`application=${other}`)).toHaveLength(4);
});
