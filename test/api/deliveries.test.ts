import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { OutcomeClass } from "../../core/outcome.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { aText, textLike } from "../support/matchers.js";
import { until } from "../support/until.js";

let api: ApiServer;
let endpointId: string;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(async () => {
  for (const map of [api.state.events, api.state.endpoints, api.state.deliveries, api.state.attempts]) map.clear();
  api.engine.outcome = "ok";
  api.engine.isBusy = false;
  api.engine.meanwhile = () => undefined;
  endpointId = (await api.call("POST", "/v1/endpoints", { body: { url: "https://a.example/", uid: "crm" } })).textAt(
    "id",
  );
});
afterAll(() => api.close());

/** A delivery after its first attempt with that outcome. */
async function delivery(outcome: OutcomeClass): Promise<string> {
  api.engine.outcome = outcome;
  const event = await api.call("POST", "/v1/events", { body: { eventType: "a.b", payload: {} } });
  const id = `dlv_${event.textAt("id").slice(4)}_${endpointId.slice(3)}`;
  await until("attempted", () => api.state.deliveries.get(id)?.attemptCount === 1);
  return id;
}

function setStatus(id: string, status: "failed" | "cancelled" | "pending" | "held"): void {
  const row = api.state.deliveries.get(id);
  if (row !== undefined) api.state.deliveries.set(id, { ...row, status, nextAttemptAt: null });
}

test("a delivery is shown with its attempts and a link to its workflow", async () => {
  const id = await delivery("http.500");
  const answer = await api.call("GET", `/v1/deliveries/${id}`);
  expect(answer.body).toMatchObject({
    id,
    endpointId,
    status: "retrying",
    attemptCount: 1,
    nextAttemptAt: textLike(/Z$/),
    lastOutcome: "http.500",
    lastStatusCode: 500,
    workflowUrl: textLike(/^http:\/\/temporal.test\//),
    attempts: [
      {
        number: 1,
        trigger: "scheduled",
        outcome: "http.500",
        statusCode: 500,
        error: aText,
        remedy: textLike(/\.$/),
        durationMs: 3,
        startedAt: textLike(/Z$/),
        responseBody: null,
      },
    ],
  });
});

test("deliveries are listed by status, endpoint, event, type, window and HTTP class", async () => {
  const failed = await delivery("http.503");
  const timedOut = await delivery("timeout.headers");
  const delivered = await delivery("ok");
  const idsOf = async (query: string) => {
    const answer = await api.call("GET", `/v1/deliveries?${query}`);
    expect(answer.status).toBe(200);
    return (answer.at("data") as { id: string }[]).map((row) => row.id);
  };
  expect(await idsOf("")).toEqual([delivered, timedOut, failed]);
  expect(await idsOf("status=delivered")).toEqual([delivered]);
  expect(await idsOf("endpoint=crm&limit=1")).toEqual([delivered]);
  expect(await idsOf(`endpoint=${endpointId}&httpClass=5xx`)).toEqual([failed]);
  expect(await idsOf(`endpointId=${endpointId}&httpClass=5xx`)).toEqual([failed]);
  expect(await idsOf("httpClass=0")).toEqual([timedOut]);
  expect(await idsOf("eventType=x.y")).toEqual([]);
  expect(await idsOf(`event=msg_${failed.slice(4, 31)}`)).toEqual([failed]);
  expect(await idsOf("until=2020-01-01T00:00:00Z")).toEqual([]);
});

test("attempts are listed by endpoint, event, delivery and outcome, and read by id", async () => {
  const id = await delivery("timeout.headers");
  await delivery("ok");
  const all = await api.call("GET", "/v1/attempts?endpoint=crm");
  expect(all.at("data")).toHaveLength(2);
  const some = await api.call("GET", `/v1/attempts?delivery=${id}&outcome=timeout.*&event=msg_${id.slice(4, 31)}`);
  expect(some.at("data")).toMatchObject([{ deliveryId: id, outcome: "timeout.headers" }]);
  const one = await api.call("GET", `/v1/attempts/${some.textAt("data.0.id")}`);
  expect(one.body).toEqual(some.at("data.0"));
});

test("a resend makes one manual attempt and answers with the delivery after it", async () => {
  const id = await delivery("http.500");
  api.engine.outcome = "ok";
  const answer = await api.call("POST", `/v1/deliveries/${id}/resend`);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    id,
    status: "delivered",
    attemptCount: 2,
    attempts: [{ trigger: "scheduled" }, { trigger: "manual", number: 2, outcome: "ok", remedy: null }],
  });
});

test("a resend waits until the delivery knows of the attempt, which is written first", async () => {
  const id = await delivery("http.500");
  api.engine.outcome = "ok";
  api.engine.deliveryDelayMs = 150;
  const answer = await api.call("POST", `/v1/deliveries/${id}/resend`);
  expect(answer.body).toMatchObject({ status: "delivered", attemptCount: 2 });
});

test.each(["failed", "cancelled", "pending"] as const)("a %s delivery can be resent", async (status) => {
  const id = await delivery("http.500");
  setStatus(id, status);
  api.engine.outcome = "ok";
  const answer = await api.call("POST", `/v1/deliveries/${id}/resend`);
  expect(answer.at("status")).toBe("delivered");
});

test("a delivered delivery can be resent, and a failing resend leaves it delivered", async () => {
  const id = await delivery("ok");
  api.engine.outcome = "http.500";
  const answer = await api.call("POST", `/v1/deliveries/${id}/resend`);
  expect(answer.body).toMatchObject({ status: "delivered", attemptCount: 2, lastOutcome: "http.500" });
});

test("a resend to an endpoint that is paused or gone is refused in words", async () => {
  const id = await delivery("http.500");
  await api.call("POST", "/v1/endpoints/crm/pause");
  const paused = await api.call("POST", `/v1/deliveries/${id}/resend`);
  expect(paused.status).toBe(409);
  expect(paused.at("code")).toBe("endpoint_inactive");
  await api.call("DELETE", "/v1/endpoints/crm");
  const gone = await api.call("POST", `/v1/deliveries/${id}/resend`);
  expect(gone.status).toBe(404);
  expect(gone.textAt("message")).toContain("was deleted");
});

test("a resend whose attempt does not end in time is answered with attempt_in_flight, within bounds", async () => {
  const id = await delivery("http.500");
  api.engine.isBusy = true;
  const answer = await api.call("POST", `/v1/deliveries/${id}/resend`);
  expect(answer.status).toBe(409);
  expect(answer.at("code")).toBe("attempt_in_flight");
});

test("a waiting delivery is cancelled and answered as cancelled", async () => {
  const id = await delivery("http.500");
  const answer = await api.call("POST", `/v1/deliveries/${id}/cancel`);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ id, status: "cancelled", nextAttemptAt: null });
});

test("a held delivery can be cancelled", async () => {
  const id = await delivery("http.500");
  setStatus(id, "held");
  const answer = await api.call("POST", `/v1/deliveries/${id}/cancel`);
  expect(answer.at("status")).toBe("cancelled");
});

test.each(["delivered", "failed", "cancelled"] as const)("a %s delivery is not cancelled again", async (status) => {
  const id = await delivery("ok");
  if (status !== "delivered") setStatus(id, status);
  const answer = await api.call("POST", `/v1/deliveries/${id}/cancel`);
  expect(answer.status).toBe(409);
  expect(answer.at("code")).toBe("delivery_final");
  expect(answer.textAt("message")).toContain(`already ${status}`);
});

test("an attempt in flight is settled first: what was delivered meanwhile is not called cancelled", async () => {
  const id = await delivery("http.500");
  api.engine.isBusy = true;
  api.engine.meanwhile = () => {
    const row = api.state.deliveries.get(id);
    if (row !== undefined) api.state.deliveries.set(id, { ...row, status: "delivered" });
  };
  const answer = await api.call("POST", `/v1/deliveries/${id}/cancel`);
  expect(answer.status).toBe(409);
  expect(answer.textAt("message")).toContain("was delivered before it could be cancelled");
});

test("commands are refused with 503 while Temporal is down, and reading goes on", async () => {
  const id = await delivery("http.500");
  api.engine.isDown = true;
  const resend = await api.call("POST", `/v1/deliveries/${id}/resend`);
  const cancel = await api.call("POST", `/v1/deliveries/${id}/cancel`);
  const read = await api.call("GET", `/v1/deliveries/${id}`);
  api.engine.isDown = false;
  expect([resend.status, cancel.status, read.status]).toEqual([503, 503, 200]);
  expect(resend.at("code")).toBe("engine_unavailable");
  expect(resend.headers.get("retry-after")).toBe("1");
});
