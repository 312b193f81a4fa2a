import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPosthornClient, isPosthornClientError } from "../../client/index.js";
import type { PosthornClient, PosthornClientError, PosthornClientOptions } from "../../client/index.js";
import { pause, waitMs } from "../../client/repetition.js";
import { startReceiver } from "../support/receiver.js";
import type { Answer, Receiver } from "../support/receiver.js";

const json = { "content-type": "application/json" };
const published = {
  id: "msg_1",
  eventId: "x",
  eventType: "a",
  duplicate: false,
  createdAt: "2026-11-22T15:00:00.000Z",
};

const ok = (data: unknown): Answer => ({ status: 200, headers: json, body: JSON.stringify({ result: { data } }) });
const failing = (status: number, code: string): Answer => ({
  status,
  headers: json,
  body: JSON.stringify({
    error: {
      message: `about ${code}`,
      code: -32000,
      data: { code, httpStatus: status, issues: [], requestId: "req_1" },
    },
  }),
});
const unavailable = failing(503, "store_unavailable");
const badGateway: Answer = { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad Gateway</h1>" };

let service: Receiver;

beforeEach(async () => {
  service = await startReceiver();
});

afterEach(() => service.close());

function clientWith(options: Partial<PosthornClientOptions> = {}): PosthornClient {
  return createPosthornClient({ url: `http://127.0.0.1:${service.port}`, apiKey: "phk_test", ...options });
}

/** Answers with each of these in turn, then with the last. */
function script(...answers: [Answer, ...Answer[]]): void {
  service.answer((_request, index) => answers[index] ?? answers.at(-1) ?? "reset");
}

async function failureOf(call: Promise<unknown>): Promise<PosthornClientError> {
  const error: unknown = await call.then(
    () => new Error("the call succeeded"),
    (reason: unknown) => reason,
  );
  if (isPosthornClientError(error)) return error;
  throw error;
}

const publish = (client: PosthornClient, signal?: AbortSignal) =>
  client.events.publish.mutate({ eventType: "a", payload: { n: 1 } }, { signal });

describe("publishing", () => {
  it.each<[string, Answer]>([
    ["a 503 of the service", unavailable],
    ["a 429 of the service", failing(429, "overloaded")],
    ["a broken connection", "reset"],
    ["a proxy's 502", badGateway],
    ["a proxy's 504", { status: 504 }],
  ])("is repeated after %s, with the same eventId and the same bytes", async (_name, answer) => {
    script(answer, answer, ok(published));
    await expect(publish(clientWith())).resolves.toEqual(published);
    const bodies = service.requests.map((it) => it.body.toString());
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? "")).toMatchObject({ eventId: expect.stringMatching(/^[\w-]{36}$/) as string });
    expect(service.requests.every((it) => it.headers.authorization === "Bearer phk_test")).toBe(true);
  });

  it("of health data is repeated as it is: its events have the same eventIds again", async () => {
    script(unavailable, ok({ events: [], sampleCount: 0, skipped: false }));
    await clientWith().health.timeseries.mutate({ user_id: "u", series_type: "steps", samples: [] });
    const [first, second] = service.requests.map((it) => it.body.toString());
    expect(second).toBe(first);
  });

  it("is repeated with the caller's own eventId", async () => {
    script(unavailable, ok(published));
    await clientWith().events.publish.mutate({ eventType: "a", payload: {}, eventId: "order-1" });
    const ids = service.requests.map((it) => (JSON.parse(it.body.toString()) as { eventId: string }).eventId);
    expect(ids).toEqual(["order-1", "order-1"]);
  });

  it("of a batch is repeated with the same eventIds, one for each event", async () => {
    script("reset", ok({ results: [] }));
    const event = { eventType: "a", payload: {} };
    await clientWith().events.publishBatch.mutate({ events: [event, event, { ...event, eventId: "own" }] });
    const [first, second] = service.requests.map((it) => it.body.toString());
    expect(second).toBe(first);
    const { events } = JSON.parse(first ?? "") as { events: { eventId: string }[] };
    expect(new Set(events.map((it) => it.eventId)).size).toBe(3);
    expect(events[2]?.eventId).toBe("own");
  });

  it("is repeated after no answer came in time", async () => {
    script("hang", ok(published));
    await expect(publish(clientWith({ timeoutMs: 300 }))).resolves.toEqual(published);
    expect(service.requests).toHaveLength(2);
  });

  it("gives two calls two eventIds, and does not change the caller's input", async () => {
    script(ok(published));
    const input = Object.freeze({ eventType: "a", payload: {} });
    const client = clientWith();
    await client.events.publish.mutate(input);
    await client.events.publish.mutate(input);
    expect(new Set(service.requests.map((it) => it.body.toString())).size).toBe(2);
    expect(input).toEqual({ eventType: "a", payload: {} });
  });

  it("ends with the last failure when all repetitions failed", async () => {
    script("reset", unavailable);
    const failure = await failureOf(publish(clientWith({ retries: 2 })));
    expect(failure).toMatchObject({ code: "store_unavailable", httpStatus: 503, requestId: "req_1" });
    expect(service.requests).toHaveLength(3);
  });

  it("is tried once when retries are 0", async () => {
    script(unavailable);
    expect(await failureOf(publish(clientWith({ retries: 0 })))).toMatchObject({ code: "store_unavailable" });
    expect(service.requests).toHaveLength(1);
  });
});

describe("a query", () => {
  it.each<[string, Answer]>([
    ["a 503", failing(503, "engine_unavailable")],
    ["a broken connection", "reset"],
  ])("is repeated after %s", async (_name, answer) => {
    script(answer, ok({ version: "1" }));
    await expect(clientWith().system.version.query()).resolves.toEqual({ version: "1" });
    expect(service.requests).toHaveLength(2);
  });
});

describe("any other change", () => {
  it.each<[string, Answer, string]>([
    ["a broken connection", "reset", "network_error"],
    ["a 503", failing(503, "engine_unavailable"), "engine_unavailable"],
    ["a proxy's 502", badGateway, "unexpected_answer"],
    ["no answer in time", "hang", "timeout"],
  ])("is never repeated, after %s neither: it may have been done", async (_name, answer, code) => {
    script(answer);
    const client = clientWith({ timeoutMs: 300 });
    expect(await failureOf(client.deliveries.resend.mutate({ id: "dlv_1" }))).toMatchObject({ code });
    expect(await failureOf(client.endpoints.create.mutate({ url: "https://x.example" }))).toMatchObject({ code });
    expect(service.requests).toHaveLength(2);
  });
});

describe("an answer that would be the same again", () => {
  it.each<[string, Answer, string, number]>([
    ["a refusal", failing(400, "invalid_input"), "invalid_input", 400],
    ["a conflict", failing(409, "event_conflict"), "event_conflict", 409],
    ["a fault of the service", failing(500, "internal"), "internal", 500],
    ["a page of something else", { status: 200, body: "<html>" }, "unexpected_answer", 200],
    ["half of an answer", { status: 200, headers: json, body: '{"result":null}' }, "unexpected_answer", 200],
    ["JSON of something else", { status: 200, headers: json, body: "[1]" }, "unexpected_answer", 200],
    ["a redirect", { status: 301, headers: { location: "/elsewhere" } }, "unexpected_answer", 301],
  ])("is not asked for again: %s", async (_name, answer, code, httpStatus) => {
    script(answer);
    expect(await failureOf(publish(clientWith()))).toMatchObject({ code, httpStatus });
    expect(service.requests).toHaveLength(1);
  });

  it("does not even get a request if JSON cannot express the input", async () => {
    const call = clientWith().events.publish.mutate({ eventType: "a", payload: { n: 1n } });
    expect(await failureOf(call)).toMatchObject({ code: "invalid_input", httpStatus: null });
    expect(service.requests).toHaveLength(0);
  });

  it("may have the flat form of REST, as from the body limit", async () => {
    const body = { code: "payload_too_large", message: "too large", issues: [], requestId: "req_2" };
    script({ status: 413, headers: json, body: JSON.stringify(body) });
    expect(await failureOf(publish(clientWith()))).toMatchObject({ ...body, httpStatus: 413 });
  });
});

describe("a caller's signal", () => {
  it("ends the request in flight", async () => {
    script("hang");
    const abort = new AbortController();
    const call = failureOf(publish(clientWith(), abort.signal));
    await service.waitFor(1);
    abort.abort();
    expect(await call).toMatchObject({ code: "aborted", httpStatus: null });
    expect(service.requests).toHaveLength(1);
  });

  it("ends the wait before a repetition", async () => {
    const abort = new AbortController();
    service.answer(() => {
      setTimeout(() => abort.abort(), 50);
      return unavailable;
    });
    expect(await failureOf(publish(clientWith(), abort.signal))).toMatchObject({ code: "aborted" });
    expect(service.requests).toHaveLength(1);
    await expect(pause(60_000, abort.signal)).rejects.toMatchObject({ code: "aborted" });
  });

  it("that has ended already sends nothing", async () => {
    expect(await failureOf(publish(clientWith(), AbortSignal.abort()))).toMatchObject({ code: "aborted" });
    expect(service.requests).toHaveLength(0);
  });

  it("may live as long as the process: no call leaves a listener behind", async () => {
    script(ok(published));
    const abort = new AbortController();
    const client = clientWith();
    for (let calls = 0; calls < 3; calls += 1) await publish(client, abort.signal);
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
  });
});

describe("a service that is not there", () => {
  it("is a network error that says why", async () => {
    await service.close();
    const failure = await failureOf(clientWith({ retries: 1 }).system.version.query());
    expect(failure).toMatchObject({ code: "network_error", httpStatus: null, requestId: null, issues: [] });
    expect(failure.message).toContain("ECONNREFUSED");
  });
});

describe("the wait before a repetition", () => {
  it("doubles from 250 ms to 10 s, less a random half", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map((number) => waitMs(number, 0))).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
    expect([0, 0.5, 0.999].map((random) => Math.round(waitMs(1, random)))).toEqual([250, 188, 125]);
  });
});
