import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.js";
import { readConfig } from "../../runtime/config.js";
import { startStack } from "../../runtime/stack/index.js";
import type { Stack } from "../../runtime/stack/index.js";
import { createEndpoint, publish, untilDelivery } from "../support/e2e.js";
import { installationOn, Posthorn } from "../support/posthorn.js";
import type { Installation } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { Receiver } from "../support/receiver.js";
import type { ErrorAnswer, PublishAnswer } from "../support/shapes.js";
import { until } from "../support/until.js";

let dataDir: string;
let stack: Stack;
let installation: Installation;
let posthorn: Posthorn;
let receiver: Receiver;
beforeAll(async () => {
  const read = readConfig(process.env);
  if (!read.ok) throw new Error(read.problems.join("\n"));
  dataDir = await mkdtemp(join(tmpdir(), "posthorn-faults-"));
  stack = await startStack({
    dataDir,
    cacheDir: read.config.POSTHORN_CACHE_DIR,
    temporalPort: 0,
    mongodbPort: 0,
    headless: true,
    searchAttributes: [...SEARCH_ATTRIBUTES],
    report: () => undefined,
  });
  const { mongodbUri, temporalAddress } = stack;
  installation = installationOn({ mongodbUri, temporalAddress, namespace: "default" });
  posthorn = await Posthorn.start(installation);
});
afterAll(async () => {
  await posthorn.stop();
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => receiver.close());

test("while Temporal is down publishing answers 202, first attempts go out, and retries follow when it is back", async () => {
  const quick = await createEndpoint(posthorn, { url: receiver.url });
  const failing = await startReceiver({ respond: (_, index) => ({ status: index === 0 ? 500 : 200 }) });
  const flaky = await createEndpoint(posthorn, {
    url: failing.url,
    retryPolicy: { scheduleSeconds: [1, 5], jitter: 0 },
  });
  const temporal = stack.temporal.server;
  if (temporal === undefined) throw new Error("the test starts its own Temporal");
  await temporal.kill("SIGKILL");
  await until("readiness notices", async () => (await posthorn.call("GET", "/readyz")).status === 503);

  const event = await publish(posthorn, { endpointIds: [quick.id, flaky.id] });
  await receiver.waitFor(1);
  await failing.waitFor(1);
  await untilDelivery(posthorn, { eventId: event.id, endpointId: quick.id }, (it) => it.status === "delivered");

  await temporal.restart();
  const delivery = await untilDelivery(
    posthorn,
    { eventId: event.id, endpointId: flaky.id },
    (it) => it.status === "delivered",
    90_000,
  );
  expect(delivery.attemptCount).toBe(2);
  await failing.close();
}, 150_000);

test("a receiver that is away while Temporal and Posthorn are killed gets its message once, under its one id", async () => {
  await receiver.close();
  const { id } = await posthorn.ok<{ id: string }>("POST", "/api/v1/webhooks/endpoints", { url: receiver.url });
  const scheduleSeconds = [2, 4, 6, 8, 10, 12];
  await posthorn.ok("PATCH", `/v1/endpoints/${id}`, { retryPolicy: { scheduleSeconds, jitter: 0 } });
  const event = await publish(posthorn, { eventType: "workout.created", endpointIds: [id] });
  const ids = { eventId: event.id, endpointId: id };
  await untilDelivery(posthorn, ids, (it) => it.status === "retrying");
  const temporal = stack.temporal.server;
  if (temporal === undefined) throw new Error("the test starts its own Temporal");

  await temporal.kill("SIGKILL");
  await posthorn.kill();
  await temporal.restart();
  posthorn = await Posthorn.start(installation);
  await untilDelivery(posthorn, ids, (it) => it.attemptCount >= 3, 60_000);
  const back = await startReceiver({ port: receiver.port });
  const delivery = await untilDelivery(posthorn, ids, (it) => it.status === "delivered", 60_000);

  expect(back.requests.map((it) => it.headers["svix-id"])).toEqual([event.id]);
  const startedMs = delivery.attempts.map((it) => Date.parse(it.startedAt));
  const gapsMs = startedMs.slice(1).map((at, index) => at - (startedMs[index] ?? at));
  expect(delivery.attempts.map((it) => it.number)).toEqual(startedMs.map((_, index) => index + 1));
  // Timers may be late, never early; the clock of an attempt starts with its request.
  gapsMs.forEach((gapMs, index) => expect(gapMs).toBeGreaterThanOrEqual((scheduleSeconds[index] ?? 0) * 1000 - 100));
  await back.close();
}, 200_000);

test("while MongoDB is down publishing answers 503 within its bound, and the same eventId is taken once it is back", async () => {
  const endpoint = await createEndpoint(posthorn, { url: receiver.url });
  const mongo = stack.mongo.server;
  if (mongo === undefined) throw new Error("the test starts its own MongoDB");
  await mongo.kill("SIGKILL");

  const body = { eventType: "order.paid", eventId: "order-17", payload: { total: 17 }, endpointIds: [endpoint.id] };
  const startedMs = performance.now();
  const refused = await posthorn.call<ErrorAnswer>("POST", "/v1/events", body);
  const tookMs = performance.now() - startedMs;

  expect(refused).toMatchObject({ status: 503, body: { code: "store_unavailable" } });
  // The bound is a promise of the API (5 s), the rest is for a busy machine.
  expect(tookMs).toBeLessThan(8_000);

  await mongo.restart();
  const accepted = await until("publishing works again", async () => {
    const answer = await posthorn.call<PublishAnswer>("POST", "/v1/events", body);
    return answer.status === 202 ? answer.body : undefined;
  });
  const repeated = await posthorn.ok<PublishAnswer>("POST", "/v1/events", body);
  expect(repeated).toMatchObject({ id: accepted.id, duplicate: true });
  await untilDelivery(posthorn, { eventId: accepted.id, endpointId: endpoint.id }, (it) => it.status === "delivered");
  expect(receiver.requests).toHaveLength(1);
}, 120_000);
