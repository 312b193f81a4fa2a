import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test("an application is created, found by id and uid, changed and deleted", async () => {
  const created = await api.call("POST", "/v1/applications", { body: { name: "Acme", uid: "acme" } });
  expect(created.status).toBe(201);
  const id = created.textAt("id");
  expect((await api.call("GET", "/v1/applications/acme")).body).toEqual(created.body);
  expect((await api.call("GET", `/v1/applications/${id}`)).body).toEqual(created.body);
  const changed = await api.call("PATCH", "/v1/applications/acme", {
    body: { name: "Acme Inc", metadata: { a: "b" } },
  });
  expect(changed.body).toMatchObject({ id, uid: "acme", name: "Acme Inc", metadata: { a: "b" } });
  const again = await api.call("POST", "/v1/applications", { body: { name: "Other", uid: "acme" } });
  expect(again.status).toBe(409);
  expect((await api.call("DELETE", "/v1/applications/acme")).status).toBe(204);
  expect((await api.call("GET", "/v1/applications/acme")).status).toBe(404);
});

test("deleting an application cancels what its endpoints left", async () => {
  await api.call("POST", "/v1/applications", { body: { name: "Gone", uid: "gone" } });
  const body = { url: "https://a.example/", application: "gone" };
  const endpoint = await api.call("POST", "/v1/endpoints", { body });
  expect(endpoint.status).toBe(201);
  expect((await api.call("DELETE", "/v1/applications/gone")).status).toBe(204);
  expect(api.engine.operations).toMatchObject([{ kind: "cancel", endpointId: endpoint.textAt("id") }]);
  expect((await api.call("GET", "/v1/endpoints?application=gone")).status).toBe(404);
});

test("the default application exists from the start, keeps its uid and cannot be deleted", async () => {
  expect((await api.call("GET", "/v1/applications/default")).at("uid")).toBe("default");
  expect((await api.call("DELETE", "/v1/applications/default")).status).toBe(409);
  expect((await api.call("PATCH", "/v1/applications/default", { body: { uid: "x" } })).status).toBe(409);
  expect((await api.call("PATCH", "/v1/applications/default", { body: { name: "Mine" } })).status).toBe(200);
});

test("an event type is created, read, changed, archived and brought back", async () => {
  const body = {
    name: "workout.created",
    description: "A workout ended",
    schema: { type: "object" },
    example: { duration: 1 },
    group: "workouts",
  };
  const created = await api.call("POST", "/v1/event-types", { body });
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ ...body, archived: false });
  expect((await api.call("POST", "/v1/event-types", { body })).status).toBe(409);
  const changed = await api.call("PATCH", "/v1/event-types/workout.created", { body: { group: null } });
  expect(changed.body).toMatchObject({ ...body, group: null });

  expect((await api.call("DELETE", "/v1/event-types/workout.created")).status).toBe(204);
  expect((await api.call("GET", "/v1/event-types")).at("data")).toEqual([]);
  expect((await api.call("GET", "/v1/event-types?includeArchived=true")).at("data.0.archived")).toBe(true);
  const back = await api.call("POST", "/v1/event-types", { body: { name: body.name, description: "new" } });
  expect(back.status).toBe(201);
  expect(back.body).toMatchObject({ description: "new", schema: null, archived: false });
  expect((await api.call("GET", "/v1/event-types/workout.created")).body).toEqual(back.body);
});

test("the running version is told to callers with a key", async () => {
  expect((await api.call("GET", "/v1/version")).body).toEqual({ version: "1.2.3" });
});
