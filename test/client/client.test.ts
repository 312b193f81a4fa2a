import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { createPosthornClient, isPosthornClientError, PosthornClientError } from "../../client/index.js";
import type { InputIssue, OutputOf, PosthornClient, PosthornErrorCode } from "../../client/index.js";
import type { ErrorCode as ServiceErrorCode, InputIssue as ServiceInputIssue } from "../../core/errors.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
let client: PosthornClient;

beforeAll(async () => {
  api = await startApi();
  client = createPosthornClient({ url: api.url, apiKey: api.keyFor(null) });
});

afterAll(() => api.close());

async function failureOf(call: Promise<unknown>): Promise<PosthornClientError> {
  try {
    await call;
  } catch (error) {
    if (isPosthornClientError(error)) return error;
    throw error;
  }
  throw new Error("the call succeeded");
}

describe("the client, against the real API", () => {
  it("publishes an event and reads it back, typed", async () => {
    const published = await client.events.publish.mutate({ eventType: "workout.created", payload: { km: 5 } });
    const event = await client.events.get.query({ id: published.id });
    expect(event).toMatchObject({ id: published.id, eventType: "workout.created", payload: { km: 5 } });
    expectTypeOf(published.id).toBeString();
    expectTypeOf<OutputOf<PosthornClient["events"]["get"]>>().toEqualTypeOf(event);
  });

  it("reaches every router and both kinds of procedure", async () => {
    const endpoint = await client.endpoints.create.mutate({ url: "https://example.com/hook", uid: "client-test" });
    const { key } = await client.endpoints.secret.query({ id: "client-test" });
    expect(key).toMatch(/^whsec_/);
    expect(await client.endpoints.pause.mutate({ id: endpoint.id })).toMatchObject({ status: "paused" });
    const lists = await Promise.all([
      client.endpoints.list.query(),
      client.events.list.query(),
      client.eventTypes.list.query(),
      client.deliveries.list.query(),
      client.attempts.list.query(),
      client.applications.list.query({}),
    ]);
    for (const { data } of lists) expect(Array.isArray(data)).toBe(true);
    expect((await client.system.version.query()).version).not.toBe("");
  });

  it("accepts a base URL with a path and slashes at its end", async () => {
    const slashed = createPosthornClient({ url: `${api.url}//`, apiKey: api.keyFor(null) });
    await expect(slashed.system.version.query()).resolves.toBeDefined();
    const seen: string[] = [];
    const spy: typeof fetch = (url, init) => {
      seen.push(url instanceof Request ? url.url : url.toString());
      return fetch(`${api.url}/trpc/system.version`, init);
    };
    await createPosthornClient({ url: "https://proxy.example/posthorn/", fetch: spy })
      .system.version.query()
      .catch(() => 0);
    expect(seen[0]).toMatch(/^https:\/\/proxy\.example\/posthorn\/trpc\/system\.version/);
  });

  it("gives an eventId to every event that has none, and keeps those that have one", async () => {
    const own = await client.events.publish.mutate({ eventType: "a", payload: {}, eventId: "mine" });
    expect(own.eventId).toBe("mine");
    const given = await client.events.publish.mutate({ eventType: "a", payload: {} });
    expect(given.eventId).toMatch(/^[0-9a-f-]{36}$/);
    const { results } = await client.events.publishBatch.mutate({
      events: [
        { eventType: "a", payload: {} },
        { eventType: "a", payload: {}, eventId: "mine too" },
        { eventType: "a", payload: {}, eventId: "mine-too" },
      ],
    });
    expect(results).toMatchObject([
      { status: "accepted", eventId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
      { status: "error", code: "invalid_input" },
      { status: "accepted", eventId: "mine-too" },
    ]);
  });

  it("publishes once although the first answer got lost", async () => {
    let losses = 0;
    const lossy: typeof fetch = async (url, init) => {
      const response = await fetch(url, init);
      if (losses > 0) return response;
      losses += 1;
      throw new TypeError("the connection broke after the service had answered");
    };
    const publisher = createPosthornClient({ url: api.url, apiKey: api.keyFor(null), fetch: lossy });
    const published = await publisher.events.publish.mutate({ eventType: "lost.answer", payload: { n: 1 } });
    expect(published.duplicate).toBe(true);
    const { data } = await client.events.list.query({ eventType: "lost.answer" });
    expect(data.map((it) => it.id)).toEqual([published.id]);
  });

  it("is no promise and may be logged", async () => {
    expect(await Promise.resolve(client)).toBe(client);
    expect(() => JSON.stringify(client)).not.toThrow();
    expect(Object.prototype.toString.call(client)).toBe("[object Object]");
  });
});

describe("an error", () => {
  it("of an input has a code, a status, what is wrong field by field, and a request id", async () => {
    const call = client.events.publish.mutate({ eventType: "not a name", payload: {}, deliverAt: "tomorrow" });
    const failure = await failureOf(call);
    expect(failure).toMatchObject({ code: "invalid_input", httpStatus: 400, name: "PosthornClientError" });
    expect(failure.issues.map((it) => it.path)).toEqual(expect.arrayContaining(["eventType", "deliverAt"]));
    expect(failure.requestId).toMatch(/^req_/);
    expect(failure.message).not.toBe("");
  });

  it.each<[string, PosthornErrorCode, number, () => Promise<unknown>]>([
    ["for an unknown id", "not_found", 404, () => client.endpoints.get.query({ id: "ep_unknown" })],
    [
      "for other content under the same eventId",
      "event_conflict",
      409,
      async () => {
        await client.events.publish.mutate({ eventType: "a", payload: { n: 1 }, eventId: "conflict" });
        return client.events.publish.mutate({ eventType: "a", payload: { n: 2 }, eventId: "conflict" });
      },
    ],
    [
      "without a key",
      "unauthorized",
      401,
      () => createPosthornClient({ url: api.url, apiKey: "phk_wrong" }).events.list.query(),
    ],
  ])("%s has the code %s", async (_name, code, httpStatus, call) => {
    expect(await failureOf(call())).toMatchObject({ code, httpStatus, issues: expect.any(Array) as InputIssue[] });
  });

  it("does not show the API key, however it is printed", async () => {
    const apiKey = "phk_very_secret";
    const failure = await failureOf(createPosthornClient({ url: api.url, apiKey }).events.list.query());
    expect(JSON.stringify(failure) + (failure.stack ?? "") + String(failure.cause)).not.toContain(apiKey);
  });

  it("is recognised by shape, also from another copy of the package", () => {
    const foreign = Object.assign(new Error("x"), { name: "PosthornClientError", code: "conflict", issues: [] });
    expect(isPosthornClientError(foreign)).toBe(true);
    expect(isPosthornClientError(new PosthornClientError({ code: "timeout", message: "x" }))).toBe(true);
    expect(isPosthornClientError(new Error("x"))).toBe(false);
    expect(isPosthornClientError("timeout")).toBe(false);
  });

  it("has the types that the service answers", () => {
    expectTypeOf<InputIssue>().toEqualTypeOf<ServiceInputIssue>();
    expectTypeOf<ServiceErrorCode>().toExtend<PosthornErrorCode>();
  });
});

describe("options that no call could succeed with", () => {
  it.each([
    ["a URL without a host", { url: "localhost:8000" }],
    ["no URL", { url: "" }],
    ["another protocol", { url: "ftp://127.0.0.1" }],
    ["negative retries", { url: "http://127.0.0.1", retries: -1 }],
    ["broken retries", { url: "http://127.0.0.1", retries: 0.5 }],
    ["no time", { url: "http://127.0.0.1", timeoutMs: 0 }],
    ["more time than a timer has", { url: "http://127.0.0.1", timeoutMs: 2 ** 31 }],
    ["a key with a line break", { url: "http://127.0.0.1", apiKey: "phk_secret\n" }],
  ])("are refused when the client is made: %s", (_name, options) => {
    expect(() => createPosthornClient(options)).toThrow(TypeError);
    expect(() => createPosthornClient(options)).not.toThrow(/phk_secret/);
  });
});
