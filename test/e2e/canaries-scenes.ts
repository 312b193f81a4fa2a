/** What callers do with an installation, rightly and wrongly, with canaries in every place that takes a text. */
import { until } from "../support/until.js";
import type { Receiver } from "../support/receiver.js";
import type { DeliveryAnswer, PageAnswer } from "../support/shapes.js";
import type { Caller } from "./canaries-caller.js";
import type { Canaries } from "./canaries-finder.js";
import { KEY_HEAD_CHARS } from "./canaries-planted.js";
import type { Planted } from "./canaries-planted.js";

interface Scene {
  planted: Planted;
  canaries: Canaries;
  receiver: Receiver;
}

interface Identified {
  id: string;
}

/** Endpoints show their URL to their own application, and metadata is the caller's to read. */
const ENDPOINT = ["url token", "metadata"];
const EVENT = ["payload", "metadata", "health data"];
/** What a receiver answered, its application may read; not what we had told the receiver. */
const ATTEMPT = ["response body"];
const QUICK = { scheduleSeconds: [1], jitter: 0 };
const SLOW = { scheduleSeconds: [3600], jitter: 0 };

async function deliveryTo(caller: Caller, eventId: string, endpoint: Identified): Promise<DeliveryAnswer> {
  const path = `/v1/deliveries?event=${eventId}&endpoint=${endpoint.id}`;
  return until("there is a delivery", async () => {
    const { data } = await caller.ask<PageAnswer<DeliveryAnswer>>(200, "GET", path, { shows: ATTEMPT });
    return data[0];
  });
}

async function untilStatus(
  caller: Caller,
  eventId: string,
  endpoint: Identified,
  status: string,
): Promise<DeliveryAnswer> {
  return until(`the delivery is ${status}`, async () => {
    const delivery = await deliveryTo(caller, eventId, endpoint);
    return delivery.status === status ? delivery : undefined;
  });
}

/** Where operators hear of the endpoints of others. */
export const OPERATOR_PATH = "/hook/operator";

/** Endpoints, events and deliveries in every state, and commands to all of them. */
export async function driveOurs(caller: Caller, { planted, canaries, receiver }: Scene): Promise<void> {
  const operator = { application: "operator", url: `${receiver.url}/operator` };
  await caller.ask(201, "POST", "/v1/endpoints", { body: operator });
  const endpoint = (uid: string, fields: object = {}) =>
    caller.ask<Identified>(201, "POST", "/v1/endpoints", {
      shows: ENDPOINT,
      body: {
        uid,
        url: `${receiver.url}/${uid}?token=${planted.urlToken}`,
        headers: { authorization: `Bearer ${planted.header}`, "x-token": planted.header },
        metadata: { note: planted.metadata },
        retryPolicy: SLOW,
        secret: planted.signingSecret,
        ...fields,
      },
    });
  const ok = await endpoint("ok", { signatures: ["v1", "v1a"] });
  const echo = await endpoint("echo", { retryPolicy: QUICK, profile: "svix" });
  const reset = await endpoint("reset");
  const gone = await endpoint("gone");
  const lost = await endpoint("lost", { url: `https://hooks.posthorn-canary.com/in?token=${planted.urlToken}` });
  const metriport = await endpoint("mp", { profile: "metriport", secret: planted.webhookKey });
  await caller.ask(200, "POST", `/v1/endpoints/${metriport.id}/ping`, { shows: ENDPOINT });

  const content = { eventType: "order.paid", payload: { note: planted.payload }, metadata: { note: planted.metadata } };
  const { id } = await caller.ask<Identified>(202, "POST", "/v1/events", { body: content });
  await caller.ask(202, "POST", "/v1/events", { body: { ...content, eventId: "once" } });
  await caller.ask(409, "POST", "/v1/events", { body: { ...content, eventType: "order.sent", eventId: "once" } });
  const raw = Buffer.from(planted.payload).toString("base64");
  const forOk = { endpointIds: [ok.id] };
  const batch = [
    { eventType: "order.paid", payloadBase64: raw, contentType: "text/plain", ...forOk },
    { ...content, ...forOk },
  ];
  await caller.ask(202, "POST", "/v1/events/batch", { body: { events: batch } });
  const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
  const later = await caller.ask<Identified>(202, "POST", "/v1/events", { body: { ...content, deliverAt } });
  await caller.ask(200, "POST", `/v1/events/${later.id}/cancel`, { shows: EVENT });

  await untilStatus(caller, id, ok, "delivered");
  const failed = await untilStatus(caller, id, echo, "failed");
  await untilStatus(caller, id, gone, "failed");
  const waiting = await untilStatus(caller, id, reset, "retrying");
  await untilStatus(caller, id, lost, "retrying");
  await caller.ask(200, "POST", `/v1/deliveries/${failed.id}/resend`, { shows: ATTEMPT });
  await caller.ask(200, "POST", `/v1/deliveries/${waiting.id}/resend`, { shows: ATTEMPT });
  await caller.ask(200, "POST", `/v1/deliveries/${waiting.id}/cancel`, { shows: ATTEMPT });

  const act = (what: string) => caller.ask(200, "POST", `/v1/endpoints/${ok.id}/${what}`, { shows: ENDPOINT });
  await act("pause");
  const held = await caller.ask<Identified>(202, "POST", "/v1/events", { body: { ...content, ...forOk } });
  await untilStatus(caller, held.id, ok, "held");
  await act("resume");
  await untilStatus(caller, held.id, ok, "delivered");
  await act("disable");
  await act("enable");
  await until("operators were told", () => receiver.requests.some((it) => it.path === OPERATOR_PATH));
  await caller.ask(200, "POST", `/v1/endpoints/${ok.id}/test`, { shows: ENDPOINT });
  const secret = `/v1/endpoints/${ok.id}/secret`;
  await caller.ask(200, "GET", secret, { shows: ["signing secret"] });
  await caller.ask(200, "POST", `${secret}/rotate`, {
    body: { key: planted.rotatedSecret },
    shows: ["rotated secret"],
  });
  const made = await caller.ask<{ key: string }>(200, "POST", `${secret}/rotate`, { body: {}, shows: ["made secret"] });
  canaries.watch("made secret", made.key.slice("whsec_".length));
  canaries.watch("made secret", Buffer.from(made.key.slice("whsec_".length), "base64").toString("hex"));
  await caller.ask(200, "GET", `/v1/endpoints/${ok.id}/public-key`);
  await caller.ask(200, "POST", `/v1/endpoints/${ok.id}/public-key/rotate`, { body: {} });
  const url = `${receiver.url}/ok/changed?token=${planted.urlToken}`;
  await caller.ask(200, "PATCH", `/v1/endpoints/${ok.id}`, {
    body: { url, headers: { "x-api-key": planted.header }, metadata: { other: planted.metadata } },
    shows: ENDPOINT,
  });
  await caller.ask(204, "DELETE", `/v1/endpoints/${lost.id}`);
}

/** The routes of Open Wearables and Metriport, and health data. */
export async function driveCompatibility(caller: Caller, { planted, canaries, receiver }: Scene): Promise<void> {
  const health = canaries.plant("health data");
  const base = "/api/v1/webhooks/endpoints";
  const url = `${receiver.url}/ow?token=${planted.urlToken}`;
  const { id } = await caller.ask<Identified>(201, "POST", base, { body: { url }, shows: ENDPOINT });
  const key = await caller.ask<{ key: string }>(200, "GET", `${base}/${id}/secret`, { shows: ["made secret"] });
  canaries.watch("made secret", key.key.slice("whsec_".length));
  await caller.ask(200, "PATCH", `${base}/${id}`, { body: { url: `${url}&more=1` }, shows: ENDPOINT });
  await caller.ask(202, "POST", "/v1/health/workouts", {
    body: {
      id: "w-1",
      user_id: "u_1",
      type: "running",
      start_time: "2026-03-01T08:00:00Z",
      end_time: "2026-03-01T09:00:00Z",
      source: { provider: "garmin", device: health },
    },
  });
  await until("the workout arrives", () =>
    receiver.requests.some((it) => it.path.includes("/ow") && it.body.includes(health)),
  );
  await caller.ask(200, "POST", `${base}/${id}/test`, { body: {} });
  await caller.ask(200, "GET", base, { shows: ENDPOINT });
  await caller.ask(200, "GET", `${base}/${id}`, { shows: ENDPOINT });
  // Its attempts carry their messages, for keys that may read events.
  await caller.ask(200, "GET", `${base}/${id}/attempts`, { shows: [...ATTEMPT, ...EVENT] });
  await caller.ask(200, "GET", "/api/v1/webhooks/messages", { shows: EVENT });
  const rotated = { body: { key: planted.rotatedSecret }, shows: ["rotated secret"] };
  await caller.ask(200, "POST", `${base}/${id}/secret/rotate`, rotated);
  await caller.ask(400, "POST", base, { body: { url: `https://user:${canaries.plant("user info")}@example.com/` } });
  await caller.ask(400, "POST", base, { body: { url: 5, filter_types: canaries.plant("wrong value") } });
  await caller.ask(404, "GET", `${base}/ep_0`);

  const webhookUrl = `${receiver.url}/settings?token=${planted.urlToken}`;
  const settings = { shows: [...ENDPOINT, "settings key"] };
  const set = await caller.ask<{ webhookKey: string }>(200, "POST", "/settings", { body: { webhookUrl }, ...settings });
  canaries.watch("settings key", set.webhookKey);
  await caller.ask(200, "GET", "/settings", settings);
  await until("the ping was answered", () => receiver.requests.some((it) => it.path.includes("/settings")));
  await caller.ask(200, "GET", "/settings/webhook");
  const payload = { users: [{ note: planted.payload }] };
  const message = { type: "devices.health-data", payload };
  await caller.ask(202, "POST", "/v1/metriport/messages", { body: message });
  await caller.ask(200, "POST", "/settings/webhook/sample-payload", {
    body: { meta: { type: "devices.health-data" }, ...payload },
    shows: [...ENDPOINT, ...ATTEMPT],
  });
  await caller.ask(200, "POST", "/settings/webhook/retry");
  await caller.ask(400, "POST", "/settings", { body: { webhookUrl: `ftp://${canaries.plant("bad url")}` } });
  await caller.ask(400, "POST", "/settings", { raw: `{"webhookUrl": ${canaries.plant("malformed settings")}` });
}

/** Requests that are wrong in some way, each with a secret in it. */
export async function driveFailures(caller: Caller, { planted, canaries, receiver }: Scene): Promise<void> {
  const made = await caller.ask<{ id: string; key: string }>(201, "POST", "/v1/keys", {
    body: { application: "default", name: "reader", scopes: ["events:read"] },
    shows: ["api key"],
  });
  canaries.watch("api key", made.key.slice(KEY_HEAD_CHARS));
  await caller.ask(403, "GET", "/v1/endpoints", { key: made.key });
  await caller.ask(401, "GET", "/v1/endpoints", { key: planted.wrongKey });
  await caller.ask(401, "GET", "/v1/endpoints", { key: `${planted.adminKey}x` });
  await caller.ask(401, "GET", "/v1/endpoints", { key: null, headers: { "x-api-key": planted.wrongKey } });
  await caller.ask(401, "GET", "/v1/endpoints", {
    key: null,
    headers: { authorization: `Basic ${canaries.plant("basic")}` },
  });
  await caller.ask(403, "GET", "/settings", { key: planted.wrongKey });
  await caller.ask(401, "GET", "/api/v1/webhooks/endpoints", { key: planted.wrongKey });

  const one = (name: string) => canaries.plant(name);
  for (const path of ["/v1/events", "/v1/endpoints", "/v1/health/workouts", "/v1/metriport/messages"]) {
    await caller.ask(400, "POST", path, { raw: `{"note": "${one("malformed")}", ${one("malformed")}` });
    await caller.ask(415, "POST", path, { raw: one("form"), headers: { "content-type": "text/plain" } });
  }
  await caller.ask(400, "POST", "/trpc/events.publish", { raw: `{"note": ${one("malformed")}` });
  await caller.ask(400, "POST", "/trpc/endpoints.create", {
    body: { url: `https://a:${one("user info")}@b.example/` },
  });
  await caller.ask(400, "GET", `/trpc/endpoints.get?input=${encodeURIComponent(`{"id":"${one("input")}`)}`);
  await caller.ask(404, "GET", `/trpc/${one("procedure")}`);

  const refusedUrls = [
    `https://user:${one("user info")}@example.com/`,
    `https://${one("user info")}@example.com/`,
    `http://10.0.0.1/${one("refused path")}?token=${one("refused query")}`,
    `ftp://example.com/${one("refused path")}`,
    `https://example.com:22/?${one("refused query")}`,
    `https:// ${one("refused path")}`,
    `https://[::1/${one("refused path")}`,
  ];
  for (const url of refusedUrls) {
    await caller.ask(400, "POST", "/v1/endpoints", { body: { url } });
    await caller.ask(400, "PATCH", "/v1/endpoints/ok", { body: { url } });
  }
  const { url } = receiver;
  const refused = [
    { url, headers: { "x-bad": `${one("bad header")}\r\nx: y` } },
    { url, headers: { host: one("bad header") } },
    { url, headers: { "x-bad": [one("bad header")] } },
    { url, secret: `whsec_${one("bad secret")}!` },
    { url, secret: one("bad secret") },
    { url, metadata: { a: { deep: one("bad metadata") } } },
    { url, profile: one("bad profile") },
    { url, timeoutMs: one("bad timeout") },
  ];
  for (const body of refused) await caller.ask(400, "POST", "/v1/endpoints", { body });
  await caller.ask(400, "POST", "/v1/endpoints/ok/secret/rotate", { body: { key: one("bad secret") } });
  await caller.ask(400, "POST", "/v1/events", { body: { eventType: "order.paid", payload: one("bad payload") } });
  await caller.ask(400, "POST", "/v1/events", {
    body: { eventType: "a.b", payload: {}, payloadBase64: one("bad base64") },
  });
  await caller.ask(400, "POST", "/v1/events", {
    body: { eventType: "order.paid", payload: {}, deliverAt: one("bad time") },
  });

  // Whoever asks for something that is not there reads what was asked for, unless that is a key.
  await caller.ask(404, "GET", `/v1/endpoints/${one("reference")}`, { shows: ["reference"] });
  await caller.ask(404, "GET", `/v1/events/${made.key}`);
  await caller.ask(404, "GET", `/v1/endpoints/${planted.signingSecret.replaceAll(/[+/=]/g, "")}`);
  await caller.ask(404, "GET", `/v1/${one("path")}`);
  await caller.ask(404, "GET", `/${one("path")}?api_key=${made.key}`);
  await caller.ask(400, "GET", `/v1/endpoints?api_key=${made.key}&token=${one("query")}`);
  await caller.ask(400, "GET", `/v1/endpoints?limit=${one("query")}`);
  await caller.ask(400, "GET", `/v1/endpoints?cursor=${one("query")}`);
  await caller.ask(400, "GET", `/v1/deliveries?status=${one("query")}`);
  await caller.ask(404, "GET", `/v1/events/%E0%A4%A/${one("path")}`);
  await caller.ask(204, "DELETE", `/v1/keys/${made.id}`);
  await caller.ask(401, "GET", "/v1/endpoints", { key: made.key });
}

/** Every list, each thing of it, and what operators read. */
export async function readEverything(caller: Caller): Promise<void> {
  const rows = async (path: string, shows: readonly string[]): Promise<Identified[]> =>
    (await caller.ask<PageAnswer<Identified>>(200, "GET", path, { shows })).data;
  const audit = await rows("/v1/audit?limit=250", ["metadata"]);
  if (audit.length < 10) throw new Error("the audit list has what was done");
  await rows("/v1/applications", []);
  await rows("/v1/endpoints?application=operator", []);
  for (const { id } of await rows("/v1/events?application=operator", [])) {
    await caller.ask(200, "GET", `/v1/events/${id}?application=operator`);
  }
  await rows("/v1/event-types?limit=250", []);
  await rows("/v1/keys", []);
  for (const { id } of await rows("/v1/endpoints?limit=250", ENDPOINT)) {
    await caller.ask(200, "GET", `/v1/endpoints/${id}`, { shows: ENDPOINT });
  }
  // The list of events has what they are about, not what is in them.
  for (const { id } of await rows("/v1/events?limit=250", ["metadata"])) {
    await caller.ask(200, "GET", `/v1/events/${id}`, { shows: EVENT });
    await caller.ask(200, "GET", `/v1/events/${id}/explain`, { shows: ["metadata"] });
  }
  for (const { id } of await rows("/v1/deliveries?limit=250", [])) {
    await caller.ask(200, "GET", `/v1/deliveries/${id}`, { shows: ATTEMPT });
  }
  for (const { id } of await rows("/v1/attempts?limit=250", ATTEMPT)) {
    await caller.ask(200, "GET", `/v1/attempts/${id}`, { shows: ATTEMPT });
  }
  for (const path of ["/metrics", "/openapi.json", "/docs", "/healthz", "/readyz", "/v1/version"]) {
    await caller.ask(200, "GET", path);
  }
}
