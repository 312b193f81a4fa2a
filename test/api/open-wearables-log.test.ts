/** Messages, attempts and resends of Open Wearables' API: shapes, pages and filters. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { deliveryIdOf } from "../../core/ids.js";
import type { Attempt, WebhookEvent } from "../../core/model.js";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";
import { textLike } from "../support/matchers.js";
import { sampleEvent } from "../support/samples.js";
import { until } from "../support/until.js";

const BASE = "/api/v1/webhooks";
const MESSAGES = `${BASE}/messages`;
const START_MS = Date.parse("2026-05-01T12:00:00.000Z");
const EMPTY = { data: [], done: true, iterator: null, prevIterator: null };

let api: ApiServer;
let applicationId: string;
let endpointId: string;
beforeAll(async () => {
  api = await startApi();
  [applicationId = ""] = api.state.applications.keys();
});
beforeEach(async () => {
  for (const map of [api.state.events, api.state.endpoints, api.state.deliveries, api.state.attempts]) map.clear();
  api.engine.outcome = "ok";
  api.engine.isBusy = false;
  endpointId = (await api.call("POST", `${BASE}/endpoints`, { body: { url: "https://a.example/" } })).textAt("id");
});
afterAll(() => api.close());

function put(change: Partial<WebhookEvent> = {}): WebhookEvent {
  const id = api.deps.ids.next("event");
  const event = sampleEvent({ id, applicationId, now: new Date(START_MS + api.state.events.size * 1_000) }, change);
  api.state.events.set(id, event);
  return event;
}

function putAttempt(event: WebhookEvent, change: Partial<Attempt> = {}): Attempt {
  const attempt: Attempt = {
    id: api.deps.ids.next("attempt"),
    applicationId,
    deliveryId: deliveryIdOf(event.id, endpointId),
    eventId: event.id,
    endpointId,
    eventType: event.eventType,
    number: 1,
    trigger: "scheduled",
    url: "https://a.example/",
    startedAt: new Date(START_MS + api.state.attempts.size * 1_000),
    durationMs: 143,
    statusCode: 200,
    outcome: "ok",
    error: null,
    remedy: null,
    responseBody: "thanks",
    responseTruncated: false,
    commandId: null,
    ...change,
  };
  api.state.attempts.set(attempt.id, attempt);
  return attempt;
}

const attemptsPath = (query = "") => `${BASE}/endpoints/${endpointId}/attempts?${query}`;
const idsOf = (answer: Answer) => (answer.at("data") as { id: string }[]).map((it) => it.id);

test("messages are shown newest first, whole and without payloads", async () => {
  const first = put({ eventType: "sleep.created", eventId: "k-1", channels: ["user.u_1"] });
  const second = put({ eventType: "workout.created" });
  const answer = await api.call("GET", MESSAGES);
  expect(answer.status).toBe(200);
  const nothing = { tags: null, payload: null };
  expect(answer.body).toStrictEqual({
    data: [
      {
        id: second.id,
        eventType: "workout.created",
        eventId: null,
        timestamp: "2026-05-01T12:00:01.000Z",
        channels: null,
        ...nothing,
      },
      {
        id: first.id,
        eventType: "sleep.created",
        eventId: "k-1",
        timestamp: "2026-05-01T12:00:00.000Z",
        channels: ["user.u_1"],
        ...nothing,
      },
    ],
    done: true,
    iterator: first.id,
    prevIterator: `-${second.id}`,
  });
});

test("an empty list is done and leads nowhere", async () => {
  expect((await api.call("GET", MESSAGES)).body).toStrictEqual(EMPTY);
  expect((await api.call("GET", attemptsPath())).body).toStrictEqual(EMPTY);
});

const lists = [
  { name: "messages", path: () => `${MESSAGES}?`, put: () => put().id },
  { name: "attempts", path: () => attemptsPath(), put: () => putAttempt(put()).id },
];

test.each(lists)("seven $name are walked to the oldest and back again, three at a time", async ({ path, put: add }) => {
  const newestFirst = Array.from({ length: 7 }, add).reverse();
  const page = async (iterator: string) => api.call("GET", `${path()}&limit=3${iterator}`);
  const first = await page("");
  const second = await page(`&iterator=${first.textAt("iterator")}`);
  const third = await page(`&iterator=${second.textAt("iterator")}`);
  expect([first, second, third].map(idsOf)).toEqual([
    newestFirst.slice(0, 3),
    newestFirst.slice(3, 6),
    newestFirst.slice(6),
  ]);
  expect([first, second, third].map((it) => it.at("done"))).toEqual([false, false, true]);

  const back = await page(`&iterator=${third.textAt("prevIterator")}`);
  expect(back.body).toStrictEqual({ ...(second.body as object), done: false });
  const toFirst = await page(`&iterator=${back.textAt("prevIterator")}`);
  expect(toFirst.body).toStrictEqual(first.body);
  const newer = await page(`&iterator=${toFirst.textAt("prevIterator")}`);
  expect(newer.body).toStrictEqual({ data: [], done: false, iterator: null, prevIterator: null });

  const added = add();
  expect(idsOf(await page(`&iterator=${toFirst.textAt("prevIterator")}`))).toEqual([added]);
  const past = await page(`&iterator=${third.textAt("iterator")}`);
  expect(past.body).toStrictEqual(EMPTY);
});

test("a page holds 50 rows unless it is told otherwise, and the last of several values counts", async () => {
  for (let count = 0; count < 60; count += 1) put();
  expect(idsOf(await api.call("GET", MESSAGES))).toHaveLength(50);
  const answer = await api.call("GET", `${MESSAGES}?limit=2&limit=250&unknown=1`);
  expect(idsOf(answer)).toHaveLength(60);
});

test("before and after are a window, each of them exclusive and with or without an offset", async () => {
  const rows = [put(), put(), put()];
  const at = (seconds: number) => new Date(START_MS + seconds * 1_000).toISOString();
  const found = async (query: string) => {
    const answer = await api.call("GET", `${MESSAGES}?${query}`);
    expect(answer.status).toBe(200);
    return idsOf(answer).map((id) => rows.findIndex((row) => row.id === id));
  };
  expect(await found(`before=${at(1)}`)).toEqual([0]);
  expect(await found(`after=${at(1)}`)).toEqual([2]);
  expect(await found(`after=${at(0)}&before=${at(2)}`)).toEqual([1]);
  expect(await found("after=2026-05-01T12:00:00")).toEqual([2, 1]);
  expect(await found(`after=${encodeURIComponent("2026-05-01T14:00:00+02:00")}`)).toEqual([2, 1]);
});

test("an attempt is shown whole, with its message and the payload", async () => {
  const payload = { type: "workout.created", data: { user_id: "u_1" } };
  const event = put({
    eventType: "workout.created",
    eventId: "k-1",
    channels: ["user.u_1"],
    payload: Buffer.from(JSON.stringify(payload)),
  });
  const attempt = putAttempt(event);
  const answer = await api.call("GET", attemptsPath());
  expect(answer.status).toBe(200);
  expect(answer.body).toStrictEqual({
    data: [
      {
        id: attempt.id,
        endpointId,
        msgId: event.id,
        url: "https://a.example/",
        response: "thanks",
        responseStatusCode: 200,
        responseDurationMs: 143,
        status: 0,
        statusText: "success",
        triggerType: 0,
        timestamp: "2026-05-01T12:00:00.000Z",
        msg: {
          id: event.id,
          eventType: "workout.created",
          eventId: "k-1",
          timestamp: "2026-05-01T12:00:00.000Z",
          channels: ["user.u_1"],
          tags: null,
          payload,
        },
      },
    ],
    done: true,
    iterator: attempt.id,
    prevIterator: `-${attempt.id}`,
  });
});

test("failures, hand-made attempts, tests, raw bodies and forgotten messages have the values that clients know", async () => {
  const event = put();
  const raw = put({ contentType: "text/csv", payload: Buffer.from("a,b") });
  const refused = { outcome: "connect.refused", statusCode: null, error: "Refused.", responseBody: null } as const;
  const failed = { outcome: "http.500", statusCode: 500, error: "HTTP 500", responseBody: null } as const;
  putAttempt(event, refused);
  putAttempt(event, { ...failed, trigger: "manual" });
  putAttempt(raw, { trigger: "test" });
  putAttempt({ ...event, id: api.deps.ids.next("event") });
  const rows = (await api.call("GET", attemptsPath())).at("data") as Record<string, unknown>[];
  const values = rows.map((it) => [it.status, it.statusText, it.responseStatusCode, it.response, it.triggerType]);
  expect(values.reverse()).toEqual([
    [2, "fail", 0, "Refused.", 0],
    [2, "fail", 500, "", 1],
    [0, "success", 200, "thanks", 0],
    [0, "success", 200, "thanks", 0],
  ]);
  expect(rows[0]?.msg).toBeNull();
  expect(rows[1]?.msg).toMatchObject({ id: raw.id, payload: null });
});

test("a payload that is too deep to be written is left out of the log, and the others are shown", async () => {
  putAttempt(put());
  putAttempt(put({ payload: Buffer.from(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`) }));
  const answer = await api.call("GET", attemptsPath());
  expect(answer.status).toBe(200);
  expect([answer.at("data.0.msg.payload"), answer.at("data.1.msg.payload")]).toEqual([null, {}]);
});

test("attempts are filtered by status and by types; none is pending or being sent", async () => {
  const failed = { outcome: "http.500", statusCode: 500 } as const;
  const a = putAttempt(put({ eventType: "a.b" })).id;
  const b = putAttempt(put({ eventType: "b.c" }), failed).id;
  const c = putAttempt(put({ eventType: "c.d" })).id;
  const d = putAttempt(put({ eventType: "a.b" }), failed).id;
  const found = async (query: string) => idsOf(await api.call("GET", attemptsPath(query)));
  expect(await found("status=0")).toEqual([c, a]);
  expect(await found("status=2")).toEqual([d, b]);
  expect((await api.call("GET", attemptsPath("status=1"))).body).toStrictEqual(EMPTY);
  expect((await api.call("GET", attemptsPath("status=3"))).body).toStrictEqual(EMPTY);
  expect(await found("event_types=a.b")).toEqual([d, a]);
  expect(await found("event_types=a.b&event_types=c.d")).toEqual([d, c, a]);
  expect(await found("event_types=a.b&status=2")).toEqual([d]);
  expect(await found("event_types=x.y")).toEqual([]);
  expect(await found("before=2026-05-01T12:00:02Z&after=2026-05-01T12:00:00Z")).toEqual([b]);
});

test("attempts of other endpoints are not shown", async () => {
  putAttempt(put(), { endpointId: "ep_000000000000000000000000000" });
  expect((await api.call("GET", attemptsPath())).body).toStrictEqual(EMPTY);
});

test("a page ends early where its payloads would be too much for one answer, and goes on from there", async () => {
  const payload = Buffer.from(JSON.stringify({ text: "x".repeat(6 * 1024 * 1024) }));
  const newestFirst = Array.from({ length: 3 }, () => putAttempt(put({ payload })).id).reverse();
  const first = await api.call("GET", attemptsPath());
  expect(idsOf(first)).toEqual(newestFirst.slice(0, 2));
  expect(first.at("done")).toBe(false);
  const second = await api.call("GET", attemptsPath(`iterator=${first.textAt("iterator")}`));
  expect([idsOf(second), second.at("done")]).toEqual([newestFirst.slice(2), true]);
  const back = await api.call("GET", attemptsPath(`iterator=-${newestFirst[2] ?? ""}`));
  expect(idsOf(back)).toEqual(newestFirst.slice(0, 2));
});

/** An event that was sent to the endpoint once and failed. */
async function failedMessage(): Promise<string> {
  api.engine.outcome = "http.500";
  const body = { eventType: "a.b", payload: { n: 1 }, eventId: `k-${api.deps.ids.next("event").slice(4)}` };
  const id = (await api.call("POST", "/v1/events", { body })).textAt("id");
  await until("attempted", () => api.state.attempts.size === 1);
  api.engine.outcome = "ok";
  return id;
}

const resend = (message: string, endpoint = endpointId) =>
  api.call("POST", `${MESSAGES}/${message}/endpoints/${endpoint}/resend`);

test("a resend makes one attempt by hand and answers with it", async () => {
  const id = await failedMessage();
  const answer = await resend(id);
  expect(answer.status).toBe(200);
  expect(answer.body).toStrictEqual({
    id: textLike(/^atmpt_/),
    endpointId,
    msgId: id,
    url: "https://a.example/",
    response: "thanks",
    responseStatusCode: 200,
    responseDurationMs: 3,
    status: 0,
    statusText: "success",
    triggerType: 1,
    timestamp: textLike(/Z$/),
    msg: {
      id,
      eventType: "a.b",
      eventId: textLike(/^k-/),
      timestamp: textLike(/Z$/),
      channels: null,
      tags: null,
      payload: { n: 1 },
    },
  });
  const log = await api.call("GET", attemptsPath());
  expect((log.at("data") as { triggerType: number }[]).map((it) => it.triggerType)).toEqual([1, 0]);
  expect(log.at("data.0")).toEqual(answer.body);
});

test("a resend that does not end in time says that it was asked for", async () => {
  const id = await failedMessage();
  api.engine.isBusy = true;
  const answer = await resend(id);
  expect(answer.status).toBe(202);
  expect(answer.body).toStrictEqual({ detail: "The attempt was asked for but has not ended yet." });
});

test("a resend of unknown things, or between two that never met, is a 404, to a stopped endpoint a 400", async () => {
  const id = await failedMessage();
  const commands = api.engine.commands.length;
  const other = (await api.call("POST", `${BASE}/endpoints`, { body: { url: "https://b.example/" } })).textAt("id");
  const rows = [
    await resend("msg_000000000000000000000000000"),
    await resend("x".repeat(300)),
    await resend(id, "ep_000000000000000000000000000"),
    await resend(id, other),
  ];
  for (const answer of rows) {
    expect([answer.status, answer.body]).toEqual([
      404,
      { detail: textLike(/^There is no (?:event|endpoint) |^This message was not sent to this endpoint/) },
    ]);
  }
  await api.call("POST", `${BASE}/endpoints/${endpointId}/disable`);
  const stopped = await resend(id);
  expect([stopped.status, stopped.body]).toStrictEqual([
    400,
    { detail: "The endpoint is disabled; resume or enable it first." },
  ]);
  expect(api.engine.commands).toHaveLength(commands);
  expect(api.state.attempts.size).toBe(1);
});

test("messages of another application are invisible, and their iterators show nothing of them", async () => {
  const id = await failedMessage();
  const other = (await api.call("POST", "/v1/applications", { body: { name: "o" } })).textAt("id");
  const key = api.keyFor(other);
  expect((await api.call("GET", MESSAGES, { key })).body).toStrictEqual(EMPTY);
  expect(idsOf(await api.call("GET", `${MESSAGES}?iterator=-${id}`, { key }))).toEqual([]);
});
