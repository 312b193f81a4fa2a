import { createTRPCClient, httpBatchLink, httpLink, TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AppRouter } from "../../api/app-router.js";
import { Secret } from "../../core/secret.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { textLike } from "../support/matchers.js";

const KEY = "the-key-of-this-test";
let api: ApiServer;
let client: ReturnType<typeof clientWith>;
beforeAll(async () => {
  api = await startApi({ openAccess: "closed", adminKey: new Secret(KEY), bodyBytesMax: 50_000 });
  client = clientWith(KEY);
});
afterAll(() => api.close());

function clientWith(key: string) {
  const headers = { authorization: `Bearer ${key}` };
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${api.url}/trpc`, headers })] });
}

async function failure(call: Promise<unknown>): Promise<TRPCClientError<AppRouter>> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TRPCClientError)) throw new Error("no tRPC error", { cause: error });
  return error as TRPCClientError<AppRouter>;
}

test("tRPC and REST give the same answers", async () => {
  const created = await client.endpoints.create.mutate({ url: "https://a.example/", uid: "same" });
  expect((await api.call("GET", "/v1/endpoints/same", { key: KEY })).body).toEqual(created);
  const published = await client.events.publish.mutate({ eventType: "a.b", payload: { n: 1 }, eventId: "same" });
  expect(published.duplicate).toBe(false);
  const again = await api.call("POST", "/v1/events", {
    key: KEY,
    body: { eventType: "a.b", payload: { n: 1 }, eventId: "same" },
  });
  expect(again.body).toEqual({ ...published, duplicate: true });
  const list = await client.events.list.query({ limit: 1, order: "oldest" });
  expect((await api.call("GET", "/v1/events?limit=1&order=oldest", { key: KEY })).body).toEqual(list);
});

test("tRPC and REST fail in the same way", async () => {
  const error = await failure(client.endpoints.create.mutate({ url: "nonsense", headers: { Host: "x" } }));
  const answer = await api.call("POST", "/v1/endpoints", {
    key: KEY,
    body: { url: "nonsense", headers: { Host: "x" } },
  });
  expect(error.message).toBe(answer.at("message"));
  // Typed: a client can tell our codes and issues without a cast.
  const [issue] = error.data?.issues ?? [];
  expect(issue?.path satisfies string | undefined).toBe("url");
  expect(error.data).toEqual({
    code: "invalid_input",
    httpStatus: 400,
    issues: answer.at("issues"),
    requestId: textLike(/^req_/),
  });
});

test.each([
  ["an unknown id", () => client.deliveries.get.query({ id: "nothing" }), "not_found", 404],
  ["no valid key", () => clientWith("wrong").endpoints.list.query({}), "unauthorized", 401],
  ["a malformed event", () => client.events.publish.mutate({ eventType: "a b", payload: {} }), "invalid_input", 400],
  [
    "a body over the limit",
    () => client.events.publish.mutate({ eventType: "a.b", payload: { big: "x".repeat(60_000) } }),
    "payload_too_large",
    413,
  ],
] as const)("a tRPC call with %s carries our code and status", async (_what, call, code, httpStatus) => {
  const error = await failure(call());
  expect(error.data).toMatchObject({ code, httpStatus });
});

test("an unknown procedure is not_found, and no stack is ever shown", async () => {
  const answer = await api.call("GET", "/trpc/endpoints.explode", { key: KEY });
  expect(answer.status).toBe(404);
  expect(answer.at("error.data")).toEqual({
    code: "not_found",
    httpStatus: 404,
    issues: [],
    requestId: answer.headers.get("x-request-id"),
  });
  expect(answer.text).not.toContain("stack");
});

test.each(["multipart/form-data; boundary=x", "text/plain", "application/octet-stream"])(
  "a mutation sent as %s, which browsers send across sites, is refused",
  async (type) => {
    const headers = { "content-type": type };
    const answer = await api.call("POST", "/trpc/events.publish", { key: KEY, raw: "--x--\r\n", headers });
    expect(answer.status).toBe(415);
    expect(answer.at("error.data.code")).toBe("unsupported_media_type");
  },
);

test("malformed JSON over tRPC is called so", async () => {
  const headers = { "content-type": "application/json" };
  const answer = await api.call("POST", "/trpc/events.publish", { key: KEY, raw: "{", headers });
  expect(answer.status).toBe(400);
  expect(answer.at("error.data.code")).toBe("malformed_json");
});

test("fifty calls go in one request, fifty-one do not", async () => {
  const headers = { authorization: `Bearer ${KEY}` };
  const batching = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${api.url}/trpc`, headers })] });
  const calls = (count: number) => Promise.all(Array.from({ length: count }, () => batching.system.version.query()));
  expect(await calls(50)).toHaveLength(50);
  const error = await failure(calls(51));
  expect(error.data).toMatchObject({ code: "invalid_input", httpStatus: 400 });
});

test("what fails before any procedure is known carries the request id, too", async () => {
  const path = `/trpc/${Array.from({ length: 51 }, () => "system.version").join(",")}?batch=1`;
  const answer = await api.call("GET", path, { key: KEY });
  expect(answer.status).toBe(400);
  expect(answer.at("error.data.requestId") ?? answer.at("0.error.data.requestId")).toBe(
    answer.headers.get("x-request-id"),
  );
});
