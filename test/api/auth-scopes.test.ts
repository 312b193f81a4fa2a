import { afterAll, beforeAll, expect, test } from "vitest";
import { procedures } from "../../api/caller.js";
import { SCOPES } from "../../core/scopes.js";
import type { Scope } from "../../core/scopes.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
let applicationId: string;
beforeAll(async () => {
  api = await startApi({ openAccess: "closed" });
  [applicationId = ""] = api.state.applications.keys();
});
afterAll(() => api.close());

const others = (scope: Scope) => SCOPES.filter((it) => it !== scope);
const keyWith = (...scopes: Scope[]) => api.keyFor(applicationId, { scopes });

/** A REST path with something in place of its parameters. */
const pathOf = (path: string) => path.replaceAll(/\{\w+\}/g, "x");

test("every procedure says which scope it needs, and the version is all that any key may read", () => {
  const scopes = procedures().map(({ name, meta }) => [name, meta.scope]);
  expect(scopes.filter(([, scope]) => scope === "any")).toEqual([["system.version", "any"]]);
  for (const [name, scope] of scopes) expect([...SCOPES, "any"], name).toContain(scope);
  expect(new Set(scopes.map(([, scope]) => scope))).toEqual(new Set([...SCOPES, "any"]));
});

test("reading procedures need scopes that read, and nothing that changes something can be done with one", () => {
  for (const { name, type, meta } of procedures()) {
    if (meta.scope === "any") continue;
    expect([name, meta.scope.endsWith(type === "query" ? ":read" : ":write")]).toEqual([name, true]);
  }
});

test("a key with every scope but the needed one is refused everywhere, as admin key and not, and nothing happens", async () => {
  const before = { ...api.state.census(), audit: api.state.audit.size, commands: api.engine.commands.length };
  for (const { name, type, meta } of procedures()) {
    if (meta.scope === "any") continue;
    for (const owner of [null, applicationId]) {
      const key = api.keyFor(owner, { scopes: others(meta.scope) });
      const { method, path } = meta.openapi;
      const overRest = await api.call(method, pathOf(path), { key, ...(method !== "GET" && { body: {} }) });
      expect([name, overRest.status, overRest.at("code")]).toEqual([name, 403, "forbidden"]);
      expect(overRest.textAt("message")).toContain(`"${meta.scope}"`);
      const overTrpc = await api.call(type === "query" ? "GET" : "POST", `/trpc/${name}`, {
        key,
        ...(type === "mutation" && { body: {} }),
      });
      expect([name, overTrpc.status, overTrpc.at("error.data.code")]).toEqual([name, 403, "forbidden"]);
    }
  }
  const after = { ...api.state.census(), audit: api.state.audit.size, commands: api.engine.commands.length };
  expect(after).toEqual(before);
});

test("a key with the needed scope alone gets past it", async () => {
  for (const { name, meta } of procedures()) {
    const key = api.keyFor(null, { scopes: meta.scope === "any" ? ["audit:read"] : [meta.scope] });
    const { method, path } = meta.openapi;
    const answer = await api.call(method, pathOf(path), { key, ...(method !== "GET" && { body: {} }) });
    expect([name, answer.status === 403]).toEqual([name, false]);
  }
});

test("a key without scopes has all of its application, and an admin key with all scopes is still one of all applications", async () => {
  const unbounded = api.keyFor(applicationId);
  expect((await api.call("GET", "/v1/endpoints", { key: unbounded })).status).toBe(200);
  expect((await api.call("GET", "/v1/applications", { key: unbounded })).status).toBe(403);
  const admin = api.keyFor(null, { scopes: ["applications:read"] });
  expect((await api.call("GET", "/v1/applications", { key: admin })).status).toBe(200);
});

test("a key whose only scope is unknown to this version may do nothing", async () => {
  const key = api.keyFor(applicationId, { scopes: [] });
  expect((await api.call("GET", "/v1/endpoints", { key })).status).toBe(403);
  expect((await api.call("GET", "/v1/version", { key })).status).toBe(200);
});

test("a publisher that lacks the scope cannot make the server read a body", async () => {
  const key = keyWith("events:read");
  const answer = await api.call("POST", "/v1/events", { key, raw: "{{{", headers: { "content-type": "text/plain" } });
  expect(answer.status).toBe(403);
});

test.each([
  ["POST", "/webhooks/endpoints", "endpoints:write"],
  ["PATCH", "/webhooks/endpoints/x", "endpoints:write"],
  ["POST", "/webhooks/endpoints/x/secret/rotate", "endpoints:write"],
  ["POST", "/webhooks/endpoints/x/test", "events:write"],
] as const)("nor over Open Wearables' %s %s, and it learns nothing about event types", async (method, path, needed) => {
  const key = keyWith(...others(needed));
  const unread = await api.call(method, `/api/v1${path}`, { key, raw: "{{{" });
  expect([unread.status, unread.at("detail")]).toEqual([403, `The key lacks the scope "${needed}".`]);
  const body = { url: "https://ow.example/", filter_types: ["no.such-type"] };
  expect((await api.call(method, `/api/v1${path}`, { key, body })).status).toBe(403);
});

test("the document names the scope of each operation", async () => {
  const document = await api.call("GET", "/openapi.json");
  const security = (path: string, method: string) => {
    const paths: unknown = document.at("paths");
    const found: unknown = typeof paths === "object" && paths !== null ? Reflect.get(paths, path) : null;
    const operation: unknown = typeof found === "object" && found !== null ? Reflect.get(found, method) : null;
    return operation;
  };
  expect(security("/v1/events", "post")).toMatchObject({ security: [{ bearer: ["events:write"] }] });
  expect(security("/v1/keys/{id}", "delete")).toMatchObject({ security: [{ bearer: ["keys:write"] }] });
});

test.each<[string, string, Scope[]]>([
  ["GET", "/webhooks/endpoints", ["endpoints:read"]],
  ["POST", "/webhooks/endpoints", ["endpoints:write"]],
  ["PATCH", "/webhooks/endpoints/x", ["endpoints:read", "endpoints:write"]],
  ["DELETE", "/webhooks/endpoints/x", ["endpoints:read", "endpoints:write"]],
  ["GET", "/webhooks/endpoints/x/secret", ["endpoints:read", "secrets:read"]],
  ["POST", "/webhooks/endpoints/x/secret/rotate", ["endpoints:read", "endpoints:write"]],
  ["POST", "/webhooks/endpoints/x/enable", ["endpoints:read", "endpoints:write"]],
  ["POST", "/webhooks/endpoints/x/disable", ["endpoints:read", "endpoints:write"]],
  ["GET", "/webhooks/endpoints/x/attempts", ["endpoints:read", "deliveries:read", "events:read"]],
  ["GET", "/webhooks/messages", ["events:read"]],
  ["POST", "/webhooks/endpoints/x/test", ["endpoints:read", "events:write"]],
  ["POST", "/webhooks/messages/m/endpoints/x/resend", ["endpoints:read", "events:read", "deliveries:write"]],
])("over Open Wearables' %s %s, scopes hold as well", async (method, path, needed) => {
  const created = await api.call("POST", "/v1/endpoints", {
    key: api.keyFor(applicationId),
    body: { url: "https://ow.example/", profile: "svix" },
  });
  const event = await api.call("POST", "/v1/events", {
    key: api.keyFor(applicationId),
    body: { eventType: "workout.created", payload: {} },
  });
  const url = `/api/v1${path.replace("/x", `/${created.textAt("id")}`).replace("/m/", `/${event.textAt("id")}/`)}`;
  const body = { url: "https://ow.example/", event_type: "workout.created" };
  const options = method === "GET" || method === "DELETE" ? {} : { body };
  for (const scope of needed) {
    const refused = await api.call(method, url, { key: keyWith(...others(scope)), ...options });
    expect([scope, refused.status, refused.at("detail")]).toEqual([scope, 403, `The key lacks the scope "${scope}".`]);
  }
  const allowed = await api.call(method, url, { key: keyWith(...needed), ...options });
  expect(allowed.status).not.toBe(403);
});

test.each<[string, string, Scope[]]>([
  ["GET", "/settings", ["secrets:read"]],
  ["POST", "/settings", ["endpoints:write", "secrets:read"]],
  ["GET", "/settings/webhook", ["endpoints:read"]],
  ["POST", "/settings/webhook/retry", ["deliveries:write"]],
  ["POST", "/settings/webhook/sample-payload", ["events:write"]],
])("over Metriport's %s %s, a missing scope is its problem with 403", async (method, path, needed) => {
  const options = method === "GET" ? {} : { body: {} };
  for (const scope of needed) {
    const refused = await api.call(method, path, { headers: { "x-api-key": keyWith(...others(scope)) }, ...options });
    expect(refused.body).toEqual({
      status: 403,
      title: "ForbiddenError",
      detail: `The key lacks the scope "${scope}".`,
      name: "Forbidden",
    });
    expect(refused.status).toBe(403);
  }
  const allowed = await api.call(method, path, { headers: { "x-api-key": keyWith(...needed) }, ...options });
  expect(allowed.status).not.toBe(403);
});

test("credentials in headers and Metriport's key move to another host only with secrets:read", async () => {
  const all = keyWith(...SCOPES);
  const writer = keyWith("endpoints:write");
  const create = async (fields: Record<string, unknown>): Promise<string> => {
    const body = { url: "https://a.example.org/x", ...fields };
    return (await api.call("POST", "/v1/endpoints", { key: all, body })).textAt("id");
  };
  const secretive = await create({ headers: { authorization: "Bearer t", "x-team": "core" } });
  const keyed = await create({ profile: "metriport" });
  const open = await create({ headers: { "x-team": "core" } });
  const move = async (id: string, key: string, change: Record<string, unknown> = {}): Promise<number> =>
    (await api.call("PATCH", `/v1/endpoints/${id}`, { key, body: { url: "https://b.example.org/x", ...change } }))
      .status;

  expect(await move(secretive, writer)).toBe(403);
  expect(await move(secretive, writer, { headers: { authorization: "[masked]" } })).toBe(403);
  expect(await move(keyed, writer)).toBe(403);
  expect(api.state.endpoints.get(secretive)?.url).toBe("https://a.example.org/x");

  expect(await move(secretive, writer, { url: "https://a.example.org/y" })).toBe(200);
  expect(await move(secretive, writer, { headers: { authorization: "Bearer mine" } })).toBe(200);
  expect(await move(open, writer)).toBe(200);
  expect(await move(keyed, keyWith("endpoints:write", "secrets:read"))).toBe(200);
});
