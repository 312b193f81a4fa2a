/** Credentials in places where they do not belong, and answers that do not pass them on. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerAttempt } from "../../api/answers/attempt.js";
import { createIdSource } from "../../runtime/ids.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test("a key that was taken for an id is not repeated", async () => {
  const key = api.keyFor(null);
  for (const path of [`/v1/events/${key}`, `/v1/endpoints/${key}`, "/v1/endpoints/whsec_abcdefgh"]) {
    const answer = await api.call("GET", path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.textAt("message")).toMatch(/^There is no \w+ "\[masked\]"/);
  }
  expect((await api.call("GET", "/v1/endpoints/billing")).textAt("message")).toContain('"billing"');
});

test("an endpoint shows the query of its URL, an explanation and an attempt do not", async () => {
  const url = "https://a.example/in?token=t0ken";
  const made = await api.call("POST", "/v1/endpoints", { body: { url } });
  expect(made.at("url")).toBe(url);
  const event = await api.call("POST", "/v1/events", { body: { eventType: "order.paid", payload: {} } });
  const explained = await api.call("GET", `/v1/events/${event.textAt("id")}/explain`);
  expect(explained.at("endpoints.0.url")).toBe("https://a.example/in?…");

  const ids = createIdSource({ now: Date.now, randomBytes });
  const attempt = answerAttempt({
    id: ids.next("attempt"),
    applicationId: ids.next("application"),
    deliveryId: "dlv_1",
    eventId: "msg_1",
    endpointId: "ep_1",
    eventType: "order.paid",
    number: 1,
    trigger: "scheduled",
    url,
    startedAt: new Date(),
    durationMs: 1,
    statusCode: 200,
    outcome: "ok",
    error: null,
    remedy: null,
    responseBody: null,
    responseTruncated: false,
    commandId: null,
  });
  expect(attempt.url).toBe("https://a.example/in?…");
});
