import { createTRPCClient, httpBatchLink, httpLink, TRPCClientError } from "@trpc/client";
import { once } from "node:events";
import { request } from "node:http";
import type { ClientRequest } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AppRouter } from "../../api/app-router.js";
import { LIMITS } from "../../core/limits.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { BATCH, samples, timeseriesOf } from "../support/health.js";

const COUNT = 100_000;
const EVENTS = 2 * Math.ceil(COUNT / LIMITS.samplesPerEventMax);
const PATH = "/v1/health/timeseries";
const MIB = 1024 * 1024;

let api: ApiServer;
const uploads: ClientRequest[] = [];
beforeEach(async () => {
  api = await startApi();
});
afterEach(async () => {
  for (const upload of uploads.splice(0)) upload.destroy();
  await api.close();
});

/** Announces a body that never comes to its end, in chunks of unknown number if `bytes` is `null`. */
async function upload(bytes: number | null, path = PATH): Promise<ClientRequest> {
  const length = bytes === null ? { "transfer-encoding": "chunked" } : { "content-length": bytes };
  const headers = { "content-type": "application/json", ...length };
  const call = request(api.url + path, { method: "POST", headers });
  // Its connection is ended by the test.
  call.on("error", () => undefined);
  uploads.push(call);
  call.flushHeaders();
  if (!call.write(" ".repeat(bytes === null ? 2 * MIB : 1_024))) await once(call, "drain");
  return call;
}

/** A small batch in a body that is larger than ordinary ones. */
const large = () =>
  api.call("POST", PATH, {
    raw: JSON.stringify({ ...BATCH, samples: samples(1) }) + " ".repeat(MIB),
    headers: { "content-type": "application/json" },
  });

const trpcClient = () => createTRPCClient<AppRouter>({ links: [httpLink({ url: `${api.url}/trpc` })] });

function expectAll(eventIds: readonly string[]): void {
  const chunks = eventIds.map((id) => timeseriesOf(api.state.events.get(id)).data);
  expect(chunks).toHaveLength(EVENTS);
  const group = chunks.filter((_, index) => index % 2 === 0);
  expect(group.flatMap((it) => it.samples.map((sample) => sample.timestamp))).toEqual(
    samples(COUNT).map((it) => it.timestamp),
  );
}

test("100,000 samples in one request become events with all of them", async () => {
  const answer = await api.call("POST", PATH, { body: { ...BATCH, samples: samples(COUNT) } });
  expect(answer.status).toBe(202);
  expect(answer.at("sampleCount")).toBe(COUNT);
  expectAll(Array.from({ length: EVENTS }, (_, index) => answer.textAt(`events.${index}.id`)));
});

test("the tRPC client sends 100,000 samples in one call", async () => {
  const answer = await trpcClient().health.timeseries.mutate({ ...BATCH, samples: samples(COUNT) });
  expect(answer.sampleCount).toBe(COUNT);
  expectAll(answer.events.map((it) => it.id));
});

test("a body over 32 MiB is refused before anything is stored", async () => {
  const raw = " ".repeat(LIMITS.samplesBodyBytesMax + 1);
  for (const path of [PATH, "/trpc/health.timeseries"]) {
    const answer = await api.call("POST", path, { raw, headers: { "content-type": "application/json" } });
    expect(answer.status).toBe(413);
    expect(answer.text).toContain("payload_too_large");
  }
  expect(api.state.events.size).toBe(0);
});

test.each([
  "/v1/events",
  "/v1/health/workouts",
  "/v1/health/sleep",
  "/trpc/events.publish",
  "/trpc/health.sleep",
  "/trpc/health.timeseries?batch=1",
  "/trpc/health.timeseries,events.publish?batch=1",
])("%s takes no more than the ordinary limit", async (path) => {
  const raw = `{"0":${" ".repeat(MIB)}{}}`;
  const answer = await api.call("POST", path, { raw, headers: { "content-type": "application/json" } });
  expect(answer.status).toBe(413);
});

test("a batched call over the ordinary limit fails in the tRPC client with payload_too_large", async () => {
  const batching = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${api.url}/trpc` })] });
  const call = batching.health.timeseries.mutate({ ...BATCH, samples: samples(30_000) });
  await expect(call).rejects.toThrow(TRPCClientError);
  expect(api.state.events.size).toBe(0);
});

test.each([
  ["announced", 2 * MIB],
  ["in chunks", null],
])("while four large bodies come in, %s, a fifth is turned away until one of these has ended", async (_how, bytes) => {
  const first = await upload(bytes);
  // One after the other: the request that asks takes a place for itself while it is answered.
  const isFull = async () => {
    await upload(bytes);
    return (await large()).status;
  };
  await expect.poll(isFull, { timeout: 10_000 }).toBe(429);
  const refused = await large();
  expect(refused.at("code")).toBe("overloaded");
  expect(refused.headers.get("retry-after")).toBe("1");

  const overTrpc = await api.call("POST", "/trpc/health.timeseries", {
    raw: JSON.stringify({ ...BATCH, samples: samples(1) }) + " ".repeat(MIB),
    headers: { "content-type": "application/json" },
  });
  expect([overTrpc.status, overTrpc.at("error.data.code")]).toEqual([429, "overloaded"]);
  expect(overTrpc.headers.get("retry-after")).toBe("1");

  // Ordinary ones are taken as ever.
  expect((await api.call("POST", PATH, { body: { ...BATCH, samples: samples(1) } })).status).toBe(202);

  first.destroy();
  await expect.poll(async () => (await large()).status, { timeout: 10_000 }).toBe(202);
  // Its place is free again once it was answered.
  expect((await large()).status).toBe(202);
});

test("large bodies of callers without a key take no place and are not read", async () => {
  const closed = await startApi({ openAccess: "closed" });
  const raw = " ".repeat(2 * MIB);
  for (const path of [PATH, "/trpc/health.timeseries"]) {
    for (let times = 0; times < 5; times += 1) {
      const answer = await closed.call("POST", path, { raw, headers: { "content-type": "application/json" } });
      expect(answer.status).toBe(401);
    }
  }
  await closed.close();
});
