/** Secrets at rest as an operator meets them: the keys, their rotation, and the loss of one. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Webhook } from "standardwebhooks";
import { Cli } from "../support/cli.js";
import { createEndpoint, publish, QUICK, untilDelivery } from "../support/e2e.js";
import { keyEntry } from "../support/key-ring.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import type { Installation } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { Receiver } from "../support/receiver.js";
import type { EndpointAnswer, PageAnswer } from "../support/shapes.js";
import { until } from "../support/until.js";

const HEADER = "Bearer token-of-the-receiver";
let receiver: Receiver;
let installation: Installation;
beforeAll(async () => {
  receiver = await startReceiver();
  installation = await newInstallation();
});
afterAll(() => receiver.close());

const keys = (...entries: string[]) => ({ POSTHORN_ENCRYPTION_KEYS: entries.join(",") });

async function run(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; text: string }> {
  const cli = Cli.run(args, env);
  return { code: await cli.ended(), text: cli.output };
}

function withoutKeys({ env }: Installation): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== "POSTHORN_ENCRYPTION_KEYS"));
}

const start = (env: Record<string, string>) => Posthorn.start(installation, { env });
const secrets = (command: string, env: Record<string, string>) =>
  run(["secrets", command], { ...installation.env, ...env });

async function everythingStored(): Promise<string> {
  const client = new MongoClient(installation.env.MONGODB_URI ?? "");
  try {
    const collections = await client.db().collections();
    return JSON.stringify(await Promise.all(collections.map((it) => it.find().toArray())));
  } finally {
    await client.close();
  }
}

/** Publishes to one endpoint and answers what the receiver verified. */
async function delivered(posthorn: Posthorn, endpoint: EndpointAnswer): Promise<unknown> {
  const { key } = await posthorn.ok<{ key: string }>("GET", `/v1/endpoints/${endpoint.id}/secret`);
  const { id } = await publish(posthorn, { endpointIds: [endpoint.id] });
  const request = await until("the event arrives", () =>
    receiver.requests.find((it) => it.headers["webhook-id"] === id),
  );
  expect(request.headers["x-token"]).toBe(HEADER);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return new Webhook(key).verify(request.body.toString("utf8"), headers);
}

const create = (posthorn: Posthorn) =>
  createEndpoint(posthorn, { url: receiver.url, headers: { "x-token": HEADER }, ...QUICK });

test("a production process starts with sound keys only, and names what is wrong without repeating a key", async () => {
  const missing = await run(["start"], withoutKeys(installation));
  expect(missing.code).toBe(1);
  expect(missing.text).toContain("posthorn start needs POSTHORN_ENCRYPTION_KEYS");
  expect(missing.text).toContain("posthorn secrets new-key");

  const key = keyEntry("a").slice(2);
  const wrong = await secrets("status", keys(`a:${key}`, `b:${key}`, "c:c2hvcnQ=", key));
  expect(wrong.code).toBe(2);
  for (const problem of [
    "entries 1 and 2 have the same key",
    "entry 3 (c): the key has 5 bytes",
    "entry 4 is not of",
  ]) {
    expect(wrong.text).toContain(`POSTHORN_ENCRYPTION_KEYS: ${problem}`);
  }
  expect(wrong.text).not.toContain(key);
  expect(wrong.text).not.toContain("c2hvcnQ");
});

test("a key is rotated while deliveries go on, and the old one can be dropped", async () => {
  const [old, next] = [(await run(["secrets", "new-key"], {})).text.trim(), keyEntry("next")];
  const [oldKid = ""] = old.split(":");
  const first = await start(keys(old));
  const endpoint = await create(first);
  expect(await delivered(first, endpoint)).toEqual({ total: 1 });
  const { key } = await first.ok<{ key: string }>("GET", `/v1/endpoints/${endpoint.id}/secret`);
  const stored = await everythingStored();
  for (const text of [key, HEADER]) expect(stored).not.toContain(text);
  await first.stop();

  const both = await start(keys(next, old));
  expect((await secrets("status", keys(next, old))).text).toMatch(new RegExp(`next +0 +active\\n +${oldKid} +2\\n`));
  const rotated = await secrets("rotate", keys(next, old));
  expect(rotated.code).toBe(0);
  expect(rotated.text).toMatch(new RegExp(`sealed 2 values with next; now\\n +next +2 +active\\n +${oldKid} +0\\n`));
  expect((await secrets("rotate", keys(next, old))).text).toContain("sealed 0 values with next");
  expect(await delivered(both, endpoint)).toEqual({ total: 1 });
  const after = { byKid: { next: 2 }, plain: 0 };
  const told = { keyId: "command-line", applicationId: null, targetIds: ["next"], after };
  expect(await both.ok("GET", "/v1/audit?action=secrets.rotate&order=oldest")).toMatchObject({
    data: [
      { ...told, before: { byKid: { [oldKid]: 2 }, plain: 0 } },
      { ...told, before: after },
    ],
  });
  await both.stop();

  const last = await start(keys(next));
  expect(await delivered(last, endpoint)).toEqual({ total: 1 });
  expect(await last.ok("GET", `/v1/endpoints/${endpoint.id}/secret`)).toEqual({ key });
  await last.ok("DELETE", `/v1/endpoints/${endpoint.id}`);
  await last.stop();
});

test("an endpoint whose key is lost is not attempted and takes nothing else down, and a new secret repairs it", async () => {
  const first = await start(keys(keyEntry("lost")));
  const lost = await create(first);
  await first.stop();
  const status = await secrets("status", keys(keyEntry("kept")));
  expect(status.text).toMatch(/lost +2 +not in POSTHORN_ENCRYPTION_KEYS/);
  const rotation = await secrets("rotate", keys(keyEntry("kept")));
  expect([rotation.code, rotation.text]).toEqual([1, expect.stringContaining("2 values are not under kept")]);

  const posthorn = await start(keys(keyEntry("kept")));
  const kept = await create(posthorn);
  expect(await delivered(posthorn, kept)).toEqual({ total: 1 });
  const { id } = await publish(posthorn, {});
  await until("the other endpoint gets the event", () =>
    receiver.requests.find((it) => it.headers["webhook-id"] === id),
  );
  const isOurs = (line: Record<string, unknown>) =>
    line.msg === "delivery.not_attempted" && line.endpointId === lost.id && line.outcome === "internal.signing";
  await until("the fault is seen as ours", () => posthorn.log.find(isOurs));
  const ids = { eventId: id, endpointId: lost.id };
  const delivery = await untilDelivery(posthorn, ids, (it) => it.nextAttemptAt !== null);
  expect(delivery).toMatchObject({ status: "pending", attemptCount: 0, attempts: [] });
  const unreadable = posthorn.log.filter((it) => it.msg === "secret.unreadable");
  expect(new Set(unreadable.map((it) => `${String(it.endpointId)} ${String(it.kid)}`))).toEqual(
    new Set([`${lost.id} lost`]),
  );

  const list = await posthorn.ok<PageAnswer<EndpointAnswer>>("GET", "/v1/endpoints");
  expect(list.data.map((it) => it.id).sort()).toEqual([lost.id, kept.id].sort());
  // A rotation that left something is told, too.
  expect(await posthorn.ok("GET", "/v1/audit?action=secrets.rotate&order=newest&limit=1")).toMatchObject({
    data: [{ targetIds: ["kept"], after: { byKid: { lost: 2 }, plain: 0 } }],
  });
  const secret = await posthorn.call("GET", `/v1/endpoints/${lost.id}/secret`);
  expect([secret.status, secret.body]).toEqual([500, expect.objectContaining({ code: "internal" })]);
  expect(JSON.stringify(secret.body)).not.toMatch(/lost|POSTHORN/);
  const cause = new RegExp(`endpoints/${lost.id}: secret .* sealed with the key lost`);
  await until("the log says why", () =>
    posthorn.log.find((it) => it.msg === "request failed" && cause.test(String(it.cause))),
  );
  const same = await posthorn.call("PATCH", `/v1/endpoints/${lost.id}`, { headers: { "x-token": "[masked]" } });
  expect(same.status).toBe(500);

  await posthorn.ok("POST", `/v1/endpoints/${lost.id}/secret/rotate`, { gracePeriodSeconds: 0 });
  await posthorn.ok("PATCH", `/v1/endpoints/${lost.id}`, { headers: { "x-token": HEADER } });
  expect(await delivered(posthorn, lost)).toEqual({ total: 1 });
  expect((await secrets("rotate", keys(keyEntry("kept")))).code).toBe(0);
  await posthorn.stop();
});

test("posthorn dev makes a key of its own, goes on with it, and does not start without it", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "posthorn-dev-key-"));
  const env = { ...withoutKeys(await newInstallation()), POSTHORN_DATA_DIR: dataDir };
  const file = join(dataDir, "encryption-key");
  const startDev = async () => {
    const cli = Cli.run(["dev"], env);
    return { cli, url: await cli.says(/API\s+\S*?(http:\/\/127\.0\.0\.1:\d+)/, 60_000) };
  };
  try {
    const first = await startDev();
    const body = JSON.stringify({ url: receiver.url, headers: { "x-token": HEADER } });
    const headers = { "content-type": "application/json" };
    const made = await fetch(`${first.url}/v1/endpoints`, { method: "POST", headers, body });
    const endpoint = (await made.json()) as EndpointAnswer; // our own API
    expect(await first.cli.stop()).toBe(0);

    const text = await readFile(file, "utf8");
    await rm(file);
    const refused = await run(["dev"], env);
    expect(refused.code).toBe(1);
    expect(refused.text).toContain(`${file} is gone`);
    expect(refused.text).toContain(text.split(":")[0]);
    await expect(readFile(file)).rejects.toThrow(/ENOENT/);

    await writeFile(file, text, { mode: 0o600 });
    const second = await startDev();
    const secret = await fetch(`${second.url}/v1/endpoints/${endpoint.id}/secret`);
    expect(await secret.json()).toEqual({ key: expect.stringMatching(/^whsec_/) as string });
    expect(await second.cli.stop()).toBe(0);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
