/** The programs of docs/receivers.md, as they stand there, receive real deliveries. */
import { createHmac } from "node:crypto";
import { symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Webhook } from "svix";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createConsumer } from "../client/consumer.js";
import type { Consumer } from "../client/consumer.js";
import { plainPython, pythonWith } from "../docs/python.js";
import type { Python } from "../docs/python.js";
import { freePort, SampleProcess } from "../docs/sample-process.js";
import { samplesOf } from "../docs/samples.js";
import { createEndpoint, publish, untilDelivery } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";

type Profile = "standard" | "svix" | "metriport";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const PAYLOAD = { name: "Zoë Müller 🏃", note: "心拍数" };

let posthorn: Posthorn;
/** A project outside this checkout, with the packed client and what the samples import besides. */
let consumer: Consumer;
let samples: Map<string, string>;
let running: SampleProcess | undefined;
beforeAll(async () => {
  samples = await samplesOf("receivers.md");
  const started = newInstallation().then((it) => Posthorn.start(it));
  [posthorn, consumer] = await Promise.all([started, createConsumer()]);
  for (const name of ["express", "svix", "standardwebhooks", "@types"]) {
    await symlink(path.join(MODULES, name), path.join(consumer.folder, "node_modules", name));
  }
  for (const [name, text] of samples) await writeFile(path.join(consumer.folder, name), text);
}, 180_000);
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(async () => {
  await posthorn.stop();
  await consumer.remove();
});

/** An endpoint of that profile, and the sample that receives for it. */
async function receiving(
  profile: Profile,
  name: string,
  command: string,
): Promise<{ endpointId: string; secret: string; sample: SampleProcess }> {
  const port = await freePort();
  const { id } = await createEndpoint(posthorn, { url: `http://127.0.0.1:${port}/webhooks`, profile });
  const { key } = await posthorn.ok<{ key: string }>("GET", `/v1/endpoints/${id}/secret`);
  const args = name.endsWith(".ts") ? ["--import", import.meta.resolve("tsx"), name] : [name];
  const env = { [profile === "metriport" ? "WEBHOOK_KEY" : "WEBHOOK_SECRET"]: key };
  running = await SampleProcess.start({ command, args, cwd: consumer.folder, port, env });
  return { endpointId: id, secret: key, sample: running };
}

async function post(
  url: string,
  body: string,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: answer.status, text: await answer.text() };
}

/** What somebody sends who knows the secret, by hand; nobody else's signature of the body is this one. */
function signed(profile: Profile, body: string, secret: string): Record<string, string> {
  if (profile === "metriport") {
    return {
      "x-metriport-signature": createHmac("sha256", secret).update(body).digest("hex"),
      "x-webhook-key": secret,
    };
  }
  const prefix = profile === "svix" ? "svix" : "webhook";
  const now = new Date();
  return {
    [`${prefix}-id`]: "msg_by_hand",
    [`${prefix}-timestamp`]: String(Math.floor(now.getTime() / 1000)),
    [`${prefix}-signature`]: new Webhook(secret).sign("msg_by_hand", now, body),
  };
}

/** One delivery is taken at the first attempt; what is forged is answered with 401 and not taken. */
async function expectItToReceive(profile: Profile, name: string, command = process.execPath): Promise<void> {
  const { endpointId, secret, sample } = await receiving(profile, name, command);
  const event = await publish(posthorn, { payload: PAYLOAD, endpointIds: [endpointId] });
  const ids = { eventId: event.id, endpointId };
  const delivery = await untilDelivery(posthorn, ids, (it) => it.status !== "pending");
  expect(delivery).toMatchObject({ status: "delivered", attemptCount: 1 });

  const line = await sample.says(profile === "metriport" ? "meta" : event.id);
  const [id = "", ...json] = line.split(" ");
  const body = JSON.parse(json.join(" ")) as Record<string, unknown>;
  expect(body).toMatchObject(PAYLOAD);
  expect(id).toBe(profile === "metriport" ? (body.meta as { messageId: string }).messageId : event.id);

  const forged = '{"forged":true,"meta":{"messageId":"forged"}}';
  const honest = signed(profile, forged, secret);
  const [proof = ""] = Object.keys(honest).filter((it) => it.endsWith("-signature"));
  const refused = [
    {},
    signed(profile, '{"forged":false}', secret),
    { ...honest, [proof]: "v1,nonsense" },
    { ...honest, [proof]: "ü" },
    ...(profile === "metriport" ? [{ ...honest, "x-webhook-key": "another" }] : []),
  ];
  for (const headers of refused) expect(await post(sample.url, forged, headers)).toEqual({ status: 401, text: "" });
  expect((await post(sample.url, forged, honest)).status).toBeLessThan(300);
  await sample.says('"forged"');
  expect(sample.lines).toHaveLength(2);
}

/** Nobody has the private key but Posthorn: what is signed with the secret is as good as forged here. */
async function expectItToReceiveWithPublicKey(
  name: string,
  variable: string,
  profile: "standard" | "svix",
): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/webhooks`;
  const { id: endpointId } = await createEndpoint(posthorn, { url, profile, signatures: ["v1", "v1a"] });
  const place = `/v1/endpoints/${endpointId}`;
  const { keys } = await posthorn.ok<{ keys: { key: string }[] }>("GET", `${place}/public-key`);
  const { key: secret } = await posthorn.ok<{ key: string }>("GET", `${place}/secret`);
  const args = ["--import", import.meta.resolve("tsx"), name];
  const env = { [variable]: keys[0]?.key ?? "" };
  running = await SampleProcess.start({ command: process.execPath, args, cwd: consumer.folder, port, env });

  // The key that the receiver has goes on signing.
  await posthorn.ok("POST", `${place}/public-key/rotate`);
  const event = await publish(posthorn, { payload: PAYLOAD, endpointIds: [endpointId] });
  const delivery = await untilDelivery(posthorn, { eventId: event.id, endpointId }, (it) => it.status !== "pending");
  expect(delivery).toMatchObject({ status: "delivered", attemptCount: 1 });
  expect(await running.says(event.id)).toContain(PAYLOAD.name);

  const honest = signed(profile, "{}", secret);
  const [proof = ""] = Object.keys(honest).filter((it) => it.endsWith("-signature"));
  const fake = `v1a,${Buffer.alloc(64, 1).toString("base64")}`;
  for (const headers of [
    {},
    honest,
    ...["v1a,nonsense", "v1a,", fake, "ü"].map((it) => ({ ...honest, [proof]: it })),
  ]) {
    expect(await post(running.url, "{}", headers)).toEqual({ status: 401, text: "" });
  }
  expect(running.lines).toHaveLength(1);
}

async function expectItToAnswerPings(name: string, command = process.execPath): Promise<void> {
  const { secret, sample } = await receiving("metriport", name, command);
  const ping =
    '{"ping":"V1StGXR8_Z5jdHi6B-myT","meta":{"messageId":"1","when":"2026-01-01T00:00:00.000Z","type":"ping"}}';
  const { status, text } = await post(sample.url, ping, signed("metriport", ping, secret));
  expect([status, JSON.parse(text)]).toEqual([200, { pong: "V1StGXR8_Z5jdHi6B-myT" }]);
  expect((await post(sample.url, ping, { "x-webhook-key": secret })).status).toBe(200);
  expect(await post(sample.url, ping, { "x-webhook-key": "another" })).toEqual({ status: 401, text: "" });
  expect(sample.lines).toEqual([]);
}

test("the samples of the page are those that run here", () => {
  expect([...samples.keys()].sort()).toEqual([
    "receive-ed25519.ts",
    "receive-metriport.ts",
    "receive-standard.ts",
    "receive-svix.ts",
    "receive.ts",
    "receive_metriport.py",
    "receive_standard.py",
    "receive_svix.py",
  ]);
});

describe("the samples in TypeScript", () => {
  test("compile as they stand", async () => {
    const files = Object.fromEntries([...samples].filter(([name]) => name.endsWith(".ts")));
    // Declarations of the packages are their owners' business.
    const options = { module: "NodeNext", lib: ["ES2023"], types: ["node"], skipLibCheck: true };
    expect(await consumer.compile(files, options)).toEqual([]);
  });

  test.each<[string, Profile]>([
    ["receive.ts", "standard"],
    ["receive.ts", "svix"],
    ["receive-standard.ts", "standard"],
    ["receive-svix.ts", "svix"],
    ["receive-metriport.ts", "metriport"],
  ])("%s receives with the profile %s", (name, profile) => expectItToReceive(profile, name));

  test.each<[string, string, "standard" | "svix"]>([
    ["receive.ts", "WEBHOOK_SECRET", "standard"],
    ["receive.ts", "WEBHOOK_SECRET", "svix"],
    ["receive-ed25519.ts", "WEBHOOK_PUBLIC_KEY", "standard"],
  ])("%s receives with the public key as %s and the profile %s", expectItToReceiveWithPublicKey);

  test("receive-metriport.ts answers pings", () => expectItToAnswerPings("receive-metriport.ts"));

  test("receive.ts takes a message once, however often it is sent", async () => {
    const { endpointId, sample } = await receiving("standard", "receive.ts", process.execPath);
    const first = await publish(posthorn, { endpointIds: [endpointId] });
    await sample.says(first.id);
    const delivery = await untilDelivery(
      posthorn,
      { eventId: first.id, endpointId },
      (it) => it.status === "delivered",
    );
    await posthorn.ok("POST", `/v1/deliveries/${delivery.id}/resend`);
    const second = await publish(posthorn, { endpointIds: [endpointId] });
    await sample.says(second.id);
    expect(sample.lines.map((line) => line.split(" ")[0])).toEqual([first.id, second.id]);
  });
});

describe("the samples in Python", () => {
  /** A test that cannot be made on this machine says why. */
  function commandOf(python: Python, skip: (reason: string) => never): string {
    if (python.ok) return python.command;
    process.stdout.write(`skipped: ${python.reason}\n`);
    return skip(python.reason);
  }
  /** The first run on a machine downloads packages. */
  const timeout = 300_000;

  test.for(["svix==1.99.1", "svix==2.9.1"])("receive_svix.py receives with %s", { timeout }, async (svix, { skip }) => {
    const python = await pythonWith([svix, "standardwebhooks==1.1.0"]);
    await expectItToReceive("svix", "receive_svix.py", commandOf(python, skip));
  });

  test("receive_standard.py receives with the profile standard", { timeout }, async ({ skip }) => {
    const python = await pythonWith(["standardwebhooks==1.1.0"]);
    await expectItToReceive("standard", "receive_standard.py", commandOf(python, skip));
  });

  test("receive_metriport.py receives with the profile metriport, and answers pings", async ({ skip }) => {
    const command = commandOf(await plainPython(), skip);
    await expectItToReceive("metriport", "receive_metriport.py", command);
    await running?.stop();
    await expectItToAnswerPings("receive_metriport.py", command);
  });
});
