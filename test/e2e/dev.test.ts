import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Webhook } from "svix";
import { Cli } from "../support/cli.js";
import { textLike } from "../support/matchers.js";
import { startReceiver } from "../support/receiver.js";
import type { PageAnswer } from "../support/shapes.js";
import { until } from "../support/until.js";

let dataDir: string;
let env: Record<string, string>;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "posthorn-dev-"));
  env = {
    POSTHORN_DATA_DIR: dataDir,
    POSTHORN_PORT: "0",
    POSTHORN_TEMPORAL_PORT: "0",
    POSTHORN_TEMPORAL_UI_PORT: "0",
    POSTHORN_MONGODB_PORT: "0",
    ...(process.env.POSTHORN_CACHE_DIR === undefined ? {} : { POSTHORN_CACHE_DIR: process.env.POSTHORN_CACHE_DIR }),
  };
});
afterAll(async () => rm(dataDir, { recursive: true, force: true }));

async function startDev(): Promise<{ cli: Cli; url: string; ui: string }> {
  const cli = Cli.run(["dev"], env);
  const url = await cli.says(/API\s+\S*?(http:\/\/127\.0\.0\.1:\d+)/, 120_000);
  const ui = await cli.says(/Temporal Web UI\s+\S*?(http:\/\/127\.0\.0\.1:\d+)/);
  return { cli, url, ui };
}

/** As `curl -d` sends it: form-encoded by name, JSON in fact, and without a key. */
async function curl(
  method: string,
  url: string,
  data?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method,
    ...(data === undefined ? {} : { body: data, headers: { "content-type": "application/x-www-form-urlencoded" } }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }; // looked into below
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

test("one command brings everything up; the three lines of the page work; a second start continues; nothing stays behind", async () => {
  const receiver = await startReceiver();
  const first = await startDev();

  const created = await curl("POST", `${first.url}/api/v1/webhooks/endpoints`, JSON.stringify({ url: receiver.url }));
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ url: receiver.url, description: "", filter_types: null, user_id: null });
  const id = String(created.body.id);
  const secret = await curl("GET", `${first.url}/api/v1/webhooks/endpoints/${id}/secret`);
  expect(secret.body).toEqual({ key: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32,}=*$/) as string });
  const tested = await curl("POST", `${first.url}/api/v1/webhooks/endpoints/${id}/test`);
  expect(tested).toEqual({
    status: 200,
    body: { message: "Test event sent successfully.", message_id: expect.stringMatching(/^msg_\w{27}$/) as string },
  });
  const [request] = await receiver.waitFor(1);
  if (request === undefined) throw new Error("one request was waited for");
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  new Webhook(String(secret.body.key)).verify(request.body.toString("utf8"), headers);
  expect(headers["svix-id"]).toBe(tested.body.message_id);
  expect((await fetch(first.ui)).status).toBe(200);
  // This machine may be called, but not what believes this machine.
  for (const own of [first.url, first.url.replace("127.0.0.1", "localhost"), first.ui]) {
    const refused = await curl(
      "POST",
      `${first.url}/api/v1/webhooks/endpoints`,
      JSON.stringify({ url: `${own}/v1/keys` }),
    );
    expect([own, refused.status, JSON.stringify(refused.body)]).toEqual([
      own,
      400,
      textLike(/this installation itself/),
    ]);
  }
  for (const type of ["workout.created", "medical.document-download"]) {
    expect((await fetch(`${first.url}/v1/event-types/${type}`)).status, type).toBe(200);
  }

  expect(await first.cli.stop()).toBe(0);
  expect(await answers(first.url)).toBe(false);
  expect(await answers(first.ui)).toBe(false);

  const second = await startDev();
  const endpoints = (await (await fetch(`${second.url}/v1/endpoints`)).json()) as PageAnswer<{ id: string }>; // our own API
  expect(endpoints.data.map((it) => it.id)).toContain(id);

  second.cli.process.kill("SIGKILL");
  await second.cli.ended();
  await until("no server outlives its parent", async () => !(await answers(second.ui)));
  await receiver.close();
}, 240_000);

test("wrong settings are reported together, by name, and nothing is started", async () => {
  const cli = Cli.run(["dev"], { ...env, POSTHORN_PORT: "eighty", POSTHORN_LOG_LEVEL: "loud", POSTHORN_PROT: "1" });
  expect(await cli.ended()).toBe(2);
  for (const name of ["POSTHORN_PORT", "POSTHORN_LOG_LEVEL", "POSTHORN_PROT"]) expect(cli.output).toContain(name);
});
