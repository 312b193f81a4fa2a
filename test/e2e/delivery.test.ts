import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createEndpoint, publish, QUICK, SLOW, untilDelivery } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { ReceivedRequest, Receiver } from "../support/receiver.js";
import type { DeliveryAnswer, ErrorAnswer } from "../support/shapes.js";
import { until } from "../support/until.js";

let posthorn: Posthorn;
let receiver: Receiver;
beforeAll(async () => {
  posthorn = await Posthorn.start(await newInstallation());
});
afterAll(async () => posthorn.stop());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => receiver.close());

function headersOf(request: ReceivedRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}

async function secretOf(endpointId: string): Promise<string> {
  return (await posthorn.ok<{ key: string }>("GET", `/v1/endpoints/${endpointId}/secret`)).key;
}

test.each([
  ["ASCII", { total: 12 }],
  ["not ASCII", { name: "Zoë Müller 🏃", note: "心拍数" }],
])("the packages svix and standardwebhooks verify what arrives (%s)", async (_, payload) => {
  const standard = await createEndpoint(posthorn, { url: `${receiver.url}/standard` });
  const svix = await createEndpoint(posthorn, { url: `${receiver.url}/svix`, profile: "svix" });
  const event = await publish(posthorn, { payload, endpointIds: [standard.id, svix.id] });

  const requests = await receiver.waitFor(2);

  for (const request of requests) {
    const isSvix = request.path.endsWith("/svix");
    const secret = await secretOf(isSvix ? svix.id : standard.id);
    const text = request.body.toString("utf8");
    expect(new SvixWebhook(secret).verify(text, headersOf(request))).toEqual(payload);
    expect(headersOf(request)[isSvix ? "svix-id" : "webhook-id"]).toBe(event.id);
    if (!isSvix) expect(new StandardWebhook(secret).verify(text, headersOf(request))).toEqual(payload);
  }
});

test("during a rotation each of the two secrets verifies what arrives", async () => {
  const endpoint = await createEndpoint(posthorn, { url: receiver.url, profile: "svix" });
  const before = await secretOf(endpoint.id);
  const { key: after } = await posthorn.ok<{ key: string }>("POST", `/v1/endpoints/${endpoint.id}/secret/rotate`, {});
  expect(after).not.toBe(before);
  await publish(posthorn, { endpointIds: [endpoint.id] });

  const [request] = await receiver.waitFor(1);
  if (request === undefined) throw new Error("one request was waited for");

  for (const secret of [before, after]) {
    expect(new SvixWebhook(secret).verify(request.body.toString("utf8"), headersOf(request))).toEqual({ total: 1 });
  }
});

test("500, 500, 200 makes three attempts with one webhook-id, each signed anew", async () => {
  receiver.answer((_, index) => ({ status: index < 2 ? 500 : 200, body: `answer ${index + 1}` }));
  const endpoint = await createEndpoint(posthorn, { url: receiver.url, ...QUICK });
  const event = await publish(posthorn, { endpointIds: [endpoint.id] });

  const delivery = await untilDelivery(
    posthorn,
    { eventId: event.id, endpointId: endpoint.id },
    (it) => it.status === "delivered",
  );

  expect(delivery.attempts.map((it) => [it.number, it.trigger, it.statusCode, it.outcome, it.responseBody])).toEqual([
    [1, "scheduled", 500, "http.500", "answer 1"],
    [2, "scheduled", 500, "http.500", "answer 2"],
    [3, "scheduled", 200, "ok", "answer 3"],
  ]);
  const secret = await secretOf(endpoint.id);
  expect(receiver.requests).toHaveLength(3);
  for (const request of receiver.requests) {
    expect(request.headers["webhook-id"]).toBe(event.id);
    expect(request.body).toEqual(receiver.requests[0]?.body);
    new StandardWebhook(secret).verify(request.body.toString("utf8"), headersOf(request));
  }
  expect(new Set(receiver.requests.map((it) => it.headers["webhook-signature"])).size).toBe(3);
});

test("a delivery that waits for its retry can be sent again and answers with the new state", async () => {
  receiver.answer((_, index) => ({ status: index === 0 ? 503 : 200 }));
  const endpoint = await createEndpoint(posthorn, { url: receiver.url, ...SLOW });
  const event = await publish(posthorn, { endpointIds: [endpoint.id] });
  const waiting = await untilDelivery(
    posthorn,
    { eventId: event.id, endpointId: endpoint.id },
    (it) => it.status === "retrying",
  );

  const resent = await posthorn.ok<DeliveryAnswer>("POST", `/v1/deliveries/${waiting.id}/resend`);

  expect(resent).toMatchObject({ status: "delivered", attemptCount: 2, nextAttemptAt: null });
  expect(resent.attempts.map((it) => it.trigger)).toEqual(["scheduled", "manual"]);
});

test("a delivered delivery can be sent again", async () => {
  const endpoint = await createEndpoint(posthorn, { url: receiver.url });
  const event = await publish(posthorn, { endpointIds: [endpoint.id] });
  const delivered = await untilDelivery(
    posthorn,
    { eventId: event.id, endpointId: endpoint.id },
    (it) => it.status === "delivered",
  );

  const resent = await posthorn.ok<DeliveryAnswer>("POST", `/v1/deliveries/${delivered.id}/resend`);

  expect(resent).toMatchObject({ status: "delivered", attemptCount: 2 });
  expect(receiver.requests.map((it) => it.headers["webhook-id"])).toEqual([event.id, event.id]);
});

test("a delivery that waits can be cancelled, and a second cancel says why not", async () => {
  receiver.answer(() => ({ status: 500 }));
  const endpoint = await createEndpoint(posthorn, { url: receiver.url, ...SLOW });
  const event = await publish(posthorn, { endpointIds: [endpoint.id] });
  const waiting = await untilDelivery(
    posthorn,
    { eventId: event.id, endpointId: endpoint.id },
    (it) => it.status === "retrying",
  );

  const cancelled = await posthorn.ok<DeliveryAnswer>("POST", `/v1/deliveries/${waiting.id}/cancel`);
  const again = await posthorn.call<ErrorAnswer>("POST", `/v1/deliveries/${waiting.id}/cancel`);

  expect(cancelled).toMatchObject({ status: "cancelled", nextAttemptAt: null });
  expect(again.status).toBe(409);
  expect(again.body).toMatchObject({ code: "delivery_final" });
  expect(again.body.message).toContain("already cancelled");
});

test("cancelling an event cancels all of its deliveries that are not final", async () => {
  const quick = await createEndpoint(posthorn, { url: receiver.url });
  const closed = await startReceiver();
  await closed.close();
  const dead = await createEndpoint(posthorn, { url: closed.url, ...SLOW });
  const event = await publish(posthorn, { endpointIds: [quick.id, dead.id] });
  await untilDelivery(posthorn, { eventId: event.id, endpointId: quick.id }, (it) => it.status === "delivered");
  await untilDelivery(posthorn, { eventId: event.id, endpointId: dead.id }, (it) => it.status === "retrying");

  await posthorn.ok("POST", `/v1/events/${event.id}/cancel`);

  await untilDelivery(posthorn, { eventId: event.id, endpointId: dead.id }, (it) => it.status === "cancelled");
  await untilDelivery(posthorn, { eventId: event.id, endpointId: quick.id }, (it) => it.status === "delivered");
});

test("a scheduled event waits for its time, and a cancelled one is never sent", async () => {
  const endpoint = await createEndpoint(posthorn, { url: receiver.url });
  const soon = await publish(posthorn, {
    endpointIds: [endpoint.id],
    deliverAt: new Date(Date.now() + 2_500).toISOString(),
  });
  const never = await publish(posthorn, {
    endpointIds: [endpoint.id],
    deliverAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  expect(await posthorn.ok("GET", `/v1/events/${never.id}`)).toMatchObject({ state: "scheduled" });

  expect(await posthorn.ok("POST", `/v1/events/${never.id}/cancel`)).toMatchObject({ state: "cancelled" });
  const [request] = await receiver.waitFor(1);

  expect(request?.headers["webhook-id"]).toBe(soon.id);
  expect(receiver.requests).toHaveLength(1);
});

test("a test event reaches exactly this endpoint, whatever its filters say", async () => {
  const other = await createEndpoint(posthorn, { url: `${receiver.url}/other` });
  const endpoint = await createEndpoint(posthorn, {
    url: `${receiver.url}/this`,
    eventTypes: ["never.sent"],
    channels: ["nobody"],
  });

  await posthorn.ok("POST", `/v1/endpoints/${endpoint.id}/test`, { eventType: "order.paid" });
  const [request] = await receiver.waitFor(1);

  expect(request?.path).toContain("/this");
  const { data } = await posthorn.ok<{ data: { trigger: string }[] }>("GET", `/v1/attempts?endpoint=${endpoint.id}`);
  await until(
    "the attempt is on record",
    () => data.length > 0 || posthorn.ok("GET", `/v1/attempts?endpoint=${endpoint.id}`).then(() => true),
  );
  expect(receiver.requests.filter((it) => it.path.includes("/other"))).toHaveLength(0);
  await posthorn.ok("DELETE", `/v1/endpoints/${other.id}`);
});

test("410 disables the endpoint with the reason gone", async () => {
  receiver.answer(() => ({ status: 410 }));
  const endpoint = await createEndpoint(posthorn, { url: receiver.url });
  const event = await publish(posthorn, { endpointIds: [endpoint.id] });

  await untilDelivery(posthorn, { eventId: event.id, endpointId: endpoint.id }, (it) => it.status === "failed");

  await until("the endpoint is disabled", async () => {
    const now = await posthorn.ok<{ status: string; statusReason: string }>("GET", `/v1/endpoints/${endpoint.id}`);
    return now.status === "disabled" && now.statusReason === "gone";
  });
});

test("a receiver that takes long is waited for, and its delivery is on record as pending meanwhile", async () => {
  receiver.answer(() => ({ status: 200, delayMs: 4_000 }));
  const endpoint = await createEndpoint(posthorn, { url: receiver.url });
  const event = await publish(posthorn, { endpointIds: [endpoint.id] });

  await untilDelivery(posthorn, { eventId: event.id, endpointId: endpoint.id }, (it) => it.status === "pending");
  const done = await untilDelivery(
    posthorn,
    { eventId: event.id, endpointId: endpoint.id },
    (it) => it.status === "delivered",
  );

  expect(done.attemptCount).toBe(1);
  expect(receiver.requests).toHaveLength(1);
});
