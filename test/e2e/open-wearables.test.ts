/** What a consumer and a producer of Open Wearables rely on, with Posthorn in its place. */
import { Webhook } from "svix";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { untilDelivery } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { ReceivedRequest, Receiver } from "../support/receiver.js";
import { until } from "../support/until.js";

const BASE = "/api/v1/webhooks";

interface Endpoint {
  id: string;
}
interface Accepted {
  id: string;
  duplicate: boolean;
}
interface Batch {
  events: (Accepted & { eventType: string })[];
}
interface Attempt {
  msgId: string;
  status: number;
  timestamp: string;
  triggerType: number;
}
interface Body {
  type: string;
  data: { samples: { value: number }[]; sample_count: number; chunk_index?: number; total_chunks?: number };
}

let posthorn: Posthorn;
let receiver: Receiver;
beforeAll(async () => {
  posthorn = await Posthorn.start(await newInstallation());
});
afterAll(async () => posthorn.stop());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const { id } of await posthorn.ok<Endpoint[]>("GET", `${BASE}/endpoints`)) {
    await posthorn.ok("DELETE", `${BASE}/endpoints/${id}`);
  }
  await receiver.close();
});

const register = (fields: Record<string, unknown> = {}): Promise<Endpoint> =>
  posthorn.ok<Endpoint>("POST", `${BASE}/endpoints`, { url: receiver.url, ...fields });

const secretOf = async ({ id }: Endpoint): Promise<string> =>
  (await posthorn.ok<{ key: string }>("GET", `${BASE}/endpoints/${id}/secret`)).key;

function verified(request: ReceivedRequest, secret: string): unknown {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return new Webhook(secret).verify(request.body.toString("utf8"), headers);
}

const workout = (id: string, userId: string): Record<string, unknown> => ({
  id,
  user_id: userId,
  type: "running",
  start_time: "2026-03-01T08:00:00+01:00",
  end_time: "2026-03-01T09:00:00+01:00",
  source: { provider: "garmin", device: "Forerunner 255 – Läufer" },
  duration_seconds: 3600,
});

const samples = (count: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, index) => ({
    timestamp: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
    value: 60 + (index % 40),
  }));

test("the Svix SDK accepts what arrives for a workout, byte for byte what the producer said", async () => {
  const secret = await secretOf(await register({ filter_types: ["workout.created"] }));
  const { id } = await posthorn.ok<Accepted>("POST", "/v1/health/workouts", workout("w-1", "u_123"));

  const [request] = await receiver.waitFor(1);
  if (request === undefined) throw new Error("one request was waited for");

  expect(request.headers["svix-id"]).toBe(id);
  expect(verified(request, secret)).toMatchObject({
    type: "workout.created",
    data: { user_id: "u_123", source: { device: "Forerunner 255 – Läufer" }, avg_heart_rate_bpm: null },
  });
});

test("types and users decide together who gets an event", async () => {
  const rows = [
    { filter: {}, gets: ["a/workout", "b/workout", "a/sleep"] },
    { filter: { filter_types: ["workout.created"] }, gets: ["a/workout", "b/workout"] },
    { filter: { user_id: "a" }, gets: ["a/workout", "a/sleep"] },
    { filter: { user_id: "a", filter_types: ["workout.created"] }, gets: ["a/workout"] },
    { filter: { user_id: "c" }, gets: [] },
    { filter: {}, disabled: true, gets: [] },
  ];
  for (const [index, row] of rows.entries()) {
    const endpoint = await register({ url: `${receiver.url}/${index}`, ...row.filter });
    if (row.disabled === true) await posthorn.ok("POST", `${BASE}/endpoints/${endpoint.id}/disable`);
  }
  await posthorn.ok("POST", "/v1/health/workouts", workout("f-1", "a"));
  await posthorn.ok("POST", "/v1/health/workouts", workout("f-2", "b"));
  await posthorn.ok("POST", "/v1/health/sleep", {
    id: "f-3",
    user_id: "a",
    start_time: "2026-03-01T22:00:00Z",
    end_time: "2026-03-02T06:00:00Z",
    source: { provider: "oura" },
  });
  // Without a user it matches no endpoint that is scoped to one.
  await posthorn.ok("POST", "/v1/events", { eventType: "workout.created", payload: { type: "workout.created" } });

  await receiver.waitFor(rows.flatMap((it) => it.gets).length + 2);
  await until("nothing more is on its way", async () => {
    const { data } = await posthorn.ok<{ data: { status: string }[] }>("GET", "/v1/deliveries?limit=250");
    return data.every((it) => it.status === "delivered");
  });

  const arrived = rows.map((_, index) =>
    receiver.requests
      .filter((it) => it.path.endsWith(`/hook/${index}`))
      .map((it) => JSON.parse(it.body.toString()) as { type: string; data?: { user_id: string } })
      .filter((it) => it.data !== undefined)
      .map((it) => `${it.data?.user_id ?? ""}/${it.type.split(".")[0] ?? ""}`)
      .sort(),
  );
  expect(arrived).toEqual(rows.map((it) => [...it.gets].sort()));
});

test("2500 samples are one message of each type, 2501 are two, and the repeat of a batch is no message at all", async () => {
  await register();
  const batch = { user_id: "u_9", provider: "garmin", series_type: "heart_rate" };
  await posthorn.ok<Batch>("POST", "/v1/health/timeseries", { ...batch, samples: samples(2500) });
  const whole = await receiver.waitFor(2);
  const bodies = whole.map((it) => JSON.parse(it.body.toString()) as Body);
  expect(bodies.map((it) => it.type).sort()).toEqual(["heart_rate.created", "series.heart_rate.created"]);
  for (const { data } of bodies) {
    expect(data.samples).toHaveLength(2500);
    expect(data).not.toHaveProperty("chunk_index");
  }

  const cut = { ...batch, user_id: "u_10", samples: samples(2501) };
  const first = await posthorn.ok<Batch>("POST", "/v1/health/timeseries", cut);
  const again = await posthorn.ok<Batch>("POST", "/v1/health/timeseries", cut);

  expect(first.events).toHaveLength(4);
  expect(again.events.map((it) => it.id)).toEqual(first.events.map((it) => it.id));
  expect(again.events.every((it) => it.duplicate)).toBe(true);
  const chunks = (await receiver.waitFor(6)).slice(2).map((it) => JSON.parse(it.body.toString()) as Body);
  expect(
    chunks.map(({ data }) => [data.chunk_index, data.total_chunks, data.sample_count, data.samples.length]).sort(),
  ).toEqual([
    [0, 2, 2501, 2500],
    [0, 2, 2501, 2500],
    [1, 2, 2501, 1],
    [1, 2, 2501, 1],
  ]);
});

test("an endpoint that wants only one of the two events of a batch gets only that one", async () => {
  const { id } = await register();
  await posthorn.ok("PATCH", `/v1/endpoints/${id}`, { pairedEvents: "granular" });
  const { events } = await posthorn.ok<Batch>("POST", "/v1/health/timeseries", {
    user_id: "u_11",
    provider: "oura",
    series_type: "steps",
    samples: samples(3),
  });
  expect(events.map((it) => it.eventType).sort()).toEqual(["series.steps.created", "steps.created"]);

  await until("both are sent out", async () => {
    const states = await Promise.all(events.map((it) => posthorn.ok<{ state: string }>("GET", `/v1/events/${it.id}`)));
    return states.every((it) => it.state === "dispatched");
  });
  expect(receiver.requests.map((it) => (JSON.parse(it.body.toString()) as Body).type)).toEqual([
    "series.steps.created",
  ]);
});

test("two tests in a row on an endpoint of one user arrive both, and nowhere else", async () => {
  const scoped = await register({ url: `${receiver.url}/scoped`, user_id: "u_123", filter_types: ["sleep.created"] });
  await register({ url: `${receiver.url}/other` });
  const path = `${BASE}/endpoints/${scoped.id}/test`;
  const first = await posthorn.ok<{ message_id: string }>("POST", path);
  const second = await posthorn.ok<{ message_id: string }>("POST", path, { event_type: "sleep.created" });

  const requests = await receiver.waitFor(2);

  expect(requests.map((it) => it.headers["svix-id"])).toEqual(
    expect.arrayContaining([first.message_id, second.message_id]),
  );
  const secret = await secretOf(scoped);
  for (const request of requests) {
    expect(request.path).toBe("/hook/scoped");
    expect(verified(request, secret)).toMatchObject({
      type: "sleep.created",
      data: { efficiency_percent: expect.anything() as unknown },
    });
  }
});

test("what failed can be sent again by hand, and the attempts say which was which", async () => {
  receiver.answer((_, index) => ({ status: index === 0 ? 500 : 200 }));
  const endpoint = await register();
  const { id } = await posthorn.ok<Accepted>("POST", "/v1/health/workouts", workout("r-1", "u_1"));
  await untilDelivery(posthorn, { eventId: id, endpointId: endpoint.id }, (it) => it.status === "retrying");

  await posthorn.ok("POST", `${BASE}/messages/${id}/endpoints/${endpoint.id}/resend`);

  const { data } = await posthorn.ok<{ data: Attempt[] }>("GET", `${BASE}/endpoints/${endpoint.id}/attempts`);
  expect(data.map((it) => [it.msgId, it.status, it.triggerType])).toEqual([
    [id, 0, 1],
    [id, 2, 0],
  ]);
});
