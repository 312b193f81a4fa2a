/** What a consumer of Metriport relies on, with Posthorn in its place; the SDK is Metriport's own. */
import { MetriportMedicalApi } from "@metriport/api-sdk";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { METRIPORT_MESSAGE_TYPES } from "../../api/catalogue/metriport/message-types.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { Answer, ReceivedRequest, Receiver } from "../support/receiver.js";
import { until } from "../support/until.js";

interface Settings {
  id: string;
  webhookUrl: string | null;
  webhookKey: string | null;
}
interface Status {
  webhookEnabled: boolean;
  webhookStatusDetail: string | null;
  webhookRequestsProcessing: number;
  webhookRequestsFailed: number;
}
interface Message {
  ping?: string;
  meta: { messageId: string; when: string; type: string; data?: Record<string, string> };
}

let posthorn: Posthorn;
let receiver: Receiver;
/** The key of the test's own customer. */
let apiKey: string;
/** What the consumer compares `x-webhook-key` with. */
let knownKey: string | null;
beforeAll(async () => {
  posthorn = await Posthorn.start(await newInstallation());
});
afterAll(async () => posthorn.stop());
beforeEach(async () => {
  knownKey = null;
  receiver = await startReceiver({ respond: (request) => consumer(request) });
  const { id } = await posthorn.ok<{ id: string }>("POST", "/v1/applications", { name: "customer" });
  apiKey = (await posthorn.ok<{ key: string }>("POST", "/v1/keys", { application: id, name: "test" })).key;
});
afterEach(async () => receiver.close());

const messageOf = (request: ReceivedRequest): Message => JSON.parse(request.body.toString()) as Message;

/** The mock server of the first days: compares the key, echoes a ping, says 200 to everything else. */
function consumer(request: ReceivedRequest): Answer {
  if (knownKey !== null && request.headers["x-webhook-key"] !== knownKey) return { status: 401 };
  const { ping } = messageOf(request);
  const headers = { "content-type": "application/json" };
  return ping === undefined ? { status: 200 } : { status: 200, headers, body: JSON.stringify({ pong: ping }) };
}

async function ok<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await posthorn.call<Body>(method, path, body, apiKey);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const settle = (url: string): Promise<Settings> => ok<Settings>("POST", "/settings", { webhookUrl: url });
const status = (): Promise<Status> => ok<Status>("GET", "/settings/webhook");
const untilStatus = (what: string, expected: (status: Status) => boolean): Promise<Status> =>
  until(what, async () => {
    const now = await status();
    return expected(now) ? now : undefined;
  });

/** Registers and waits until the ping is answered. */
async function connected(): Promise<Settings> {
  const settings = await settle(receiver.url);
  await untilStatus("the ping was answered", (it) => it.webhookEnabled);
  return settings;
}

const send = (type: string, payload: Record<string, unknown>, data?: Record<string, string>) =>
  ok<{ id: string; messageId: string }>("POST", "/v1/metriport/messages", {
    type,
    payload,
    ...(data !== undefined && { data }),
  });

const sdk = (): MetriportMedicalApi => new MetriportMedicalApi(apiKey, { baseAddress: posthorn.url });

/** One attempt a message, unless a test is about retries. */
async function retryBy(policy: unknown): Promise<void> {
  await ok("PATCH", "/v1/endpoints/metriport", { retryPolicy: policy });
}

test("a consumer that only compares the key passes registration and gets every kind of message", async () => {
  const settings = await connected();
  knownKey = settings.webhookKey;
  const [ping] = receiver.requests;
  if (ping === undefined || knownKey === null) throw new Error("a ping was answered");
  expect(ping.headers).toMatchObject({ "user-agent": "Metriport API", "x-webhook-key": knownKey });
  expect(ping.body.toString()).toMatch(
    /^\{"ping":"[\w-]{21}","meta":\{"messageId":"[0-9a-f-]{36}","when":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","type":"ping"\}\}$/,
  );

  for (const { name, example } of METRIPORT_MESSAGE_TYPES) await send(name, example, { batch: "7" });
  const requests = (await receiver.waitFor(1 + METRIPORT_MESSAGE_TYPES.length)).slice(1);

  expect(requests.map((it) => messageOf(it).meta.type).sort()).toEqual(
    METRIPORT_MESSAGE_TYPES.map((it) => it.name).sort(),
  );
  for (const request of requests) {
    const signature = String(request.headers["x-metriport-signature"]);
    expect(request.headers["x-webhook-key"]).toBe(knownKey);
    expect(MetriportMedicalApi.verifyWebhookSignature(knownKey, request.body, signature)).toBe(true);
    const message = messageOf(request);
    expect(message.meta).toMatchObject({ data: { batch: "7" } });
    if (/^(?:medical|patient)\./.test(message.meta.type)) MetriportMedicalApi.parseWebhookResponse(message, true);
  }
  await untilStatus("all of them arrived", (it) => it.webhookRequestsProcessing + it.webhookRequestsFailed === 0);
}, 90_000);

test("a consumer that knows another key refuses, and the message counts as failed", async () => {
  await connected();
  await retryBy("manual");
  knownKey = "another-key-than-ours";
  await send("devices.provider-connected", { users: [] });

  const now = await untilStatus("the message failed", (it) => it.webhookRequestsFailed === 1 && !it.webhookEnabled);

  expect(now).toMatchObject({
    webhookStatusDetail: "Request failed with status code 401",
    webhookRequestsProcessing: 0,
  });
  knownKey = null;
  await sdk().retryWebhookRequests();
  await untilStatus("it arrived after all", (it) => it.webhookRequestsFailed + it.webhookRequestsProcessing === 0);
});

test.each<[string, Answer, RegExp]>([
  ["no pong", { status: 200, body: "{}" }, /^Bad response from webhook call$/],
  ["another pong", { status: 200, body: '{"pong":"something else"}' }, /^Bad response from webhook call$/],
  ["500", { status: 500 }, /^Request failed with status code 500$/],
  [
    "a redirect",
    { status: 302, headers: { location: "http://127.0.0.1:1/" } },
    /^Request failed with status code 302$/,
  ],
  ["nothing within two seconds", "hang", /in time/],
])(
  "%s instead of a pong is told in the status, and the next message that arrives says OK again",
  async (_, answer, detail) => {
    receiver.answer((request) => (messageOf(request).ping === undefined ? { status: 204 } : answer));
    await settle(receiver.url);
    const unhealthy = await untilStatus("the ping is over", (it) => it.webhookStatusDetail !== null);
    expect(unhealthy.webhookEnabled).toBe(false);
    expect(unhealthy.webhookStatusDetail).toMatch(detail);

    await send("devices.health-data", { users: [] });

    const healthy = await untilStatus("a message arrived", (it) => it.webhookEnabled);
    expect(healthy.webhookStatusDetail).toBe("OK");
  },
);

test("the retry button sends what failed and what waits, oldest first, with the same id, time and metadata", async () => {
  await connected();
  await retryBy("manual");
  receiver.answer(() => ({ status: 503 }));
  const sent: string[] = [];
  for (let index = 0; index < 6; index += 1) {
    if (index === 4) await retryBy({ scheduleSeconds: [3600], jitter: 0 });
    sent.push((await send("medical.document-download", { patients: [] }, { index: String(index) })).messageId);
    await receiver.waitFor(2 + index);
  }
  await untilStatus(
    "four failed and two wait",
    (it) => it.webhookRequestsFailed === 4 && it.webhookRequestsProcessing === 2,
  );
  const first = new Map(receiver.requests.slice(1).map((it) => [messageOf(it).meta.messageId, it.body.toString()]));

  receiver.answer((request) => consumer(request));
  await sdk().retryWebhookRequests();

  await untilStatus("nothing is left", (it) => it.webhookRequestsFailed + it.webhookRequestsProcessing === 0);
  const again = receiver.requests.slice(7);
  expect(again.map((it) => messageOf(it).meta.messageId)).toEqual(sent);
  for (const request of again) {
    const { meta } = messageOf(request);
    expect(request.body.toString()).toBe(first.get(meta.messageId));
    expect(meta.data).toEqual({ index: String(sent.indexOf(meta.messageId)) });
  }
  await untilStatus("the receiver counts as healthy", (it) => it.webhookEnabled);
  expect(await sdk().getWebhookStatus()).toMatchObject({ webhookEnabled: true, webhookRequestsFailed: 0 });
}, 90_000);

test("clearing the URL and setting it again makes a new key, and loses nothing that had failed", async () => {
  const before = await connected();
  await retryBy("manual");
  receiver.answer(() => ({ status: 500 }));
  const { messageId } = await send("patient.admit", { payload: { patientId: "p" } });
  await untilStatus("it failed", (it) => it.webhookRequestsFailed === 1);

  const cleared = await settle("");
  expect(cleared).toMatchObject({ webhookUrl: null, webhookKey: null });
  receiver.answer((request) => consumer(request));
  const after = await connected();
  expect(after.webhookKey).not.toBe(before.webhookKey);
  knownKey = after.webhookKey;
  const seen = receiver.requests.length;
  await sdk().retryWebhookRequests();

  const requests = await receiver.waitFor(seen + 1);
  const last = requests.at(-1);
  expect(last && messageOf(last).meta.messageId).toBe(messageId);
  await untilStatus("it arrived", (it) => it.webhookRequestsFailed === 0);
});
