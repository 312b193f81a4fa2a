import { Ajv2020 } from "ajv/dist/2020.js";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { procedures } from "../../api/caller.js";
import { ERRORS } from "../../core/errors.js";
import { FAILED_STATUSES, FAILURES } from "../../core/outcome-help.js";
import { generatedPages } from "../../tools/generate-docs.js";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";

let api: ApiServer;
let openapi: Answer;
beforeAll(async () => {
  api = await startApi();
  openapi = await api.call("GET", "/openapi.json");
});
afterAll(() => api.close());

const schema = z.record(z.string(), z.unknown());
const documentShape = z.object({
  openapi: z.string().regex(/^3\.1\./),
  info: z.object({ title: z.literal("Posthorn"), version: z.literal("1.2.3") }),
  servers: z.tuple([z.object({ url: z.literal("http://localhost:8000") })]),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        summary: z.string(),
        tags: z.array(z.string()).length(1),
        security: z.tuple([z.object({ bearer: z.array(z.string()) })]),
        parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional(), schema })),
        requestBody: z.object({ content: z.object({ "application/json": z.object({ schema }) }) }).optional(),
        responses: z.record(z.string(), z.object({ description: z.string() })),
      }),
    ),
  ),
  components: z.object({ schemas: z.record(z.string(), schema), securitySchemes: schema }),
});

const NAMES = `POST GET /v1/applications|GET PATCH DELETE /v1/applications/{id}|POST GET /v1/endpoints
  |GET PATCH DELETE /v1/endpoints/{id}|POST /v1/endpoints/{id}/pause|POST /v1/endpoints/{id}/resume
  |POST /v1/endpoints/{id}/enable|POST /v1/endpoints/{id}/disable|POST /v1/endpoints/{id}/test
  |GET /v1/endpoints/{id}/secret|POST /v1/endpoints/{id}/secret/rotate|POST GET /v1/event-types
  |GET PATCH DELETE /v1/event-types/{name}|POST GET /v1/events|POST /v1/events/batch|GET /v1/events/{id}
  |GET /v1/events/{id}/explain|POST /v1/events/{id}/cancel|GET /v1/deliveries|GET /v1/deliveries/{id}
  |POST /v1/deliveries/{id}/resend|POST /v1/deliveries/{id}/cancel|GET /v1/attempts`;

test("every promised REST name is in the document", () => {
  const { paths } = documentShape.parse(openapi.body);
  for (const entry of NAMES.split("|")) {
    const words = entry.trim().split(" ");
    const path = words.pop() ?? "";
    for (const method of words) expect(Object.keys(paths[path] ?? {}), path).toContain(method.toLowerCase());
  }
});

test("every procedure is in the document, with its status, the error shape and its path parameters", () => {
  const { paths, components } = documentShape.parse(openapi.body);
  for (const { name, meta } of procedures()) {
    const operation = paths[meta.openapi.path]?.[meta.openapi.method.toLowerCase()];
    expect(operation?.operationId).toBe(name.replace(".", "-"));
    expect(Object.keys(operation?.responses ?? {}).sort()).toEqual([String(meta.status), "default"]);
    const inPath = (operation?.parameters ?? []).filter((it) => it.in === "path").map((it) => `{${it.name}}`);
    expect(inPath).toEqual(meta.openapi.path.match(/\{\w+\}/g) ?? []);
  }
  expect(Object.keys(components.schemas).filter((it) => it.startsWith("error."))).toEqual([]);
  expect(components.schemas["Error"]).toMatchObject({ required: ["code", "message", "issues", "requestId"] });
});

test("every reference in the document leads somewhere", () => {
  const { components } = documentShape.parse(openapi.body);
  const targets = [...openapi.text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
  expect(targets.length).toBeGreaterThan(10);
  for (const name of targets) expect(Object.keys(components.schemas)).toContain(name);
});

test("inputs of the document refuse unknown fields, and real answers match its schemas", async () => {
  const { paths, components } = documentShape.parse(openapi.body);
  for (const path of ["/v1/endpoints", "/v1/events", "/v1/events/batch"]) {
    const body = paths[path]?.["post"]?.requestBody?.content["application/json"].schema;
    expect(body).toMatchObject({ type: "object", additionalProperties: false });
  }
  const ajv = new Ajv2020({ strict: false, formats: { "date-time": true } });
  ajv.addSchema({ $id: "doc", components });
  const endpoint = await api.call("POST", "/v1/endpoints", { body: { url: "https://a.example/" } });
  const event = await api.call("POST", "/v1/events", { body: { eventType: "a.b", payload: {} } });
  const failure = await api.call("POST", "/v1/events", { body: {} });
  const event2 = await api.call("GET", `/v1/events/${event.textAt("id")}`);
  for (const [name, answer] of [
    ["Endpoint", endpoint],
    ["Published", event],
    ["Error", failure],
    ["Event", event2],
  ] as const) {
    const validate = ajv.compile({ $ref: `doc#/components/schemas/${name}` });
    expect([name, validate(answer.body), validate.errors]).toEqual([name, true, null]);
  }
});

test("the documentation page and all it loads are served from here, without inline scripts", async () => {
  const page = await api.call("GET", "/docs");
  expect(page.status).toBe(200);
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(page.text).not.toMatch(/<script>|https?:\/\//);
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
  expect(assets.length).toBeGreaterThanOrEqual(5);
  for (const path of assets) {
    const asset = await api.call("GET", path);
    expect([path, asset.status]).toEqual([path, 200]);
    expect(asset.text.length).toBeGreaterThan(50);
  }
  expect((await api.call("GET", "/docs/package.json")).status).toBe(404);
});

test("docs/outcomes.md has a row for every class", async () => {
  const page = (await generatedPages()).find((it) => it.file.endsWith("docs/outcomes.md"));
  for (const outcome of ["ok", ...Object.keys(FAILURES), ...FAILED_STATUSES.map((it) => it.example)]) {
    const label = /^http\.[45]00$/.test(outcome) ? outcome.replace("00", "xx") : outcome.replace("600", "*");
    expect(page?.text).toContain(`\`${label}\``);
  }
  expect(page?.text).toMatch(/\| `gone` .* not retried: .*metriport.* retried +\|\n/);
});

test("docs/errors.md is what the error table says", async () => {
  for (const { file, text } of await generatedPages()) expect(await readFile(file, "utf8")).toBe(text);
  const [page] = await generatedPages();
  for (const code of Object.keys(ERRORS)) expect(page?.text).toContain(`\`${code}\``);
});
