import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Command } from "commander";
import { Webhook } from "svix";
import { afterEach, describe, expect, test } from "vitest";
import { addListenCommand } from "../../runtime/cli/listen/command.js";
import { problemOf } from "../../runtime/cli/listen/options.js";
import type { ListenOptions } from "../../runtime/cli/listen/options.js";
import { Cli } from "../support/cli.js";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const KEY = "V1StGXR8_Z5jdHi6B-myT";

let cli: Cli | undefined;
afterEach(async () => {
  await cli?.stop();
});

async function listening(...args: string[]): Promise<{ cli: Cli; url: string }> {
  cli = Cli.run(["listen", "0", ...args]);
  return { cli, url: await cli.says(/listening on (\S+)/) };
}

async function post(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string | null; text: string }> {
  const answer = await fetch(url, { method: "POST", body, headers, redirect: "manual" });
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}

function signed(family: "webhook" | "svix", body: string, secret = SECRET): Record<string, string> {
  const now = new Date();
  return {
    [`${family}-id`]: "msg_1",
    [`${family}-timestamp`]: String(Math.floor(now.getTime() / 1000)),
    [`${family}-signature`]: new Webhook(secret).sign("msg_1", now, body),
  };
}

const metriportSignature = (body: string): Record<string, string> => ({
  "x-metriport-signature": createHmac("sha256", KEY).update(body).digest("hex"),
});

describe("with the profile metriport, listen", () => {
  const ping = '{"ping":"abc","meta":{"messageId":"11111111-1111-4111-8111-111111111111","type":"ping"}}';

  test("answers a ping with its pong and a message with 200, and shows the message's id", async () => {
    const { cli, url } = await listening("--profile", "metriport", "--secret", KEY);
    const pong = await post(url, ping, { "x-webhook-key": KEY, ...metriportSignature(ping) });
    expect(pong).toEqual({ status: 200, type: "application/json", text: '{"pong":"abc"}' });
    await cli.says(/#1 {2}11111111-1111-4111-8111-111111111111 .*answered 200.*key and signature verified .*its pong/);

    const message = '{"meta":{"messageId":"22222222-2222-4222-8222-222222222222","type":"medical.document-download"}}';
    expect(await post(url, message, metriportSignature(message))).toMatchObject({ status: 200, text: "" });
    await cli.says(/#2 {2}22222222-2222-4222-8222-222222222222 .*answered 200.* {2}signature verified/);
  });

  test("answers 401 without a body to a wrong key, a wrong signature, either beside the right other, or neither", async () => {
    const { cli, url } = await listening("--profile", "metriport", "--secret", KEY);
    const wrongSignature = metriportSignature("{}");
    for (const headers of [
      { "x-webhook-key": `${KEY}x` },
      wrongSignature,
      { "x-webhook-key": `${KEY}x`, ...metriportSignature(ping) },
      { "x-webhook-key": KEY, ...wrongSignature },
      {},
    ]) {
      expect(await post(url, ping, headers)).toEqual({ status: 401, type: null, text: "" });
    }
    await cli.says(/#1 .*answered 401.*refused: x-webhook-key is not the key/);
    await cli.says(/#5 .*answered 401.*refused: missing header/);
  });

  test("works without a secret and says that it verified nothing", async () => {
    const { cli, url } = await listening("--profile", "metriport");
    expect(await post(url, '{"ping":"abc"}')).toMatchObject({ status: 200, text: '{"pong":"abc"}' });
    await cli.says(/#1 {2}no id .*answered 200.*not verified: no --secret/);
    for (const body of ["no JSON", '{"ping":1}', "[]", '{"meta":7}']) {
      expect(await post(url, body)).toMatchObject({ status: 200, text: "" });
    }
  });

  test("gives a wrong pong where it is told to, after its delay", async () => {
    const { cli, url } = await listening("--profile", "metriport", "--wrong-pong", "--delay", "1");
    const { status, text } = await post(url, ping);
    expect([status, JSON.parse(text)]).toEqual([200, { pong: "not abc" }]);
    await cli.says(/wrong pong/);
  });
});

test("listen answers no ping of another profile", async () => {
  const { url } = await listening();
  expect(await post(url, '{"ping":"abc"}')).toMatchObject({ status: 200, text: "" });
});

test.each([
  ["standard and svix", [], [200, 200, 401]],
  ["standard alone", ["--profile", "standard"], [200, 401, 401]],
  ["svix alone", ["--profile", "svix"], [401, 200, 401]],
])("listen takes the headers of %s where it is told to, with any of its secrets", async (_, args, expected) => {
  const body = '{"a":1}';
  const { cli, url } = await listening(...args, "--secret", OTHER_SECRET, SECRET);
  const statuses: number[] = [];
  for (const headers of [
    signed("webhook", body),
    signed("svix", body, OTHER_SECRET),
    signed("webhook", "another body"),
  ]) {
    statuses.push((await post(url, body, headers)).status);
  }
  expect(statuses).toEqual(expected);
  await cli.says(/#3 {2}msg_1 .*answered 401.*refused: /);
});

test("listen with a profile says which of its headers are missing", async () => {
  const { cli, url } = await listening("--profile", "svix", "--secret", SECRET);
  await post(url, "{}", signed("webhook", "{}"));
  await cli.says(/refused: missing header: svix-id, svix-timestamp, svix-signature/);
});

test.each([410, 204])("listen answers %s to everything where it is told to, verified or not", async (status) => {
  const { cli, url } = await listening("--refuse", String(status), "--secret", SECRET);
  expect(await post(url, "{}", signed("webhook", "{}"))).toEqual({ status, type: null, text: "" });
  expect(await post(url, "{}")).toMatchObject({ status });
  await cli.says(new RegExp(`#2 .*answered ${status}.*refused: missing header`));
});

test("a sender with a time-out leaves before a delayed answer, and listen says so", async () => {
  const slow = await listening("--delay", "60000");
  const given = fetch(slow.url, { method: "POST", body: "{}", signal: AbortSignal.timeout(1_000) });
  await expect(given).rejects.toThrow(expect.objectContaining({ name: "TimeoutError" }) as Error);
  await slow.cli.says(/#1 .*not answered: the sender has left/);
});

test("listen answers 413 to a body that is larger than any of Posthorn's, and goes on", async () => {
  const { cli, url } = await listening();
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const request = httpRequest(url, { method: "POST" }, (response) => {
      response.resume();
      resolve(response.statusCode);
      request.destroy();
    });
    // What is still on its way meets a closed connection; the answer was there before.
    request.on("error", reject);
    request.write(Buffer.alloc(7 * 1024 * 1024));
  });
  expect(status).toBe(413);
  await cli.says(/#1 .*answered 413/);
  expect((await post(url, "{}")).status).toBe(200);
});

test("nothing that arrives steers the terminal", async () => {
  const { cli, url } = await listening("--profile", "metriport");
  await post(url, '{"meta":{"messageId":"\\u001b[2Jid"}} \u001b[31m\u009b2J', {});
  await cli.says(/\[31m/);
  await post(url, '{"meta":{"messageId":"\\u001b[2Jid"}}');
  await cli.says(/#2 {2}\uFFFD\[2Jid/);
  // eslint-disable-next-line no-control-regex -- what it says of its own are colours, at most
  expect(cli.output).not.toMatch(/\u001b\[2J|\u001b\[31m|\u009b/);
});

test("listen does not start with options that do not go together", async () => {
  const run = Cli.run(["listen", "0", "--wrong-pong", "--profile", "svix"]);
  expect(await run.ended()).toBe(1);
  expect(run.output).toContain("--wrong-pong needs --profile metriport");
  expect(run.output).not.toContain("listening on");
});

test.each([
  [["--refuse", "500", "--fail", "1"], "cannot be used with option '--fail <count>'"],
  [["--profile", "metriport", "--refuse", "500", "--wrong-pong"], "cannot be used with option '--wrong-pong'"],
  [["--refuse", "199"], "from 200 to 599"],
  [["--refuse", "600"], "from 200 to 599"],
  [["--delay", "60001"], "from 0 to 60000"],
  [["--delay", "1.5"], "from 0 to 60000"],
  [["--fail", "-1"], "a count is a whole number"],
  [["--profile", "github"], "Allowed choices are standard, svix, metriport"],
])("the command line refuses %j", async (args, words) => {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addListenCommand(program);
  await expect(program.parseAsync(["listen", "0", ...args], { from: "user" })).rejects.toThrow(words);
});

test.each<[Partial<ListenOptions>, string]>([
  [{ secret: [KEY] }, "webhook keys need --profile metriport"],
  [{ secret: [SECRET, ""], profile: "svix" }, "a secret is not `whsec_` and base64"],
  [{ secret: [""], profile: "metriport" }, "a key is not a text of 1"],
  [{ secret: Array.from({ length: 11 }, () => KEY), profile: "metriport" }, "1 to 10 keys"],
  [{ wrongPong: true }, "--wrong-pong needs --profile metriport"],
])("listen does not start with %j", (options, words) => {
  expect(problemOf({ secret: [], fail: 0, delay: 0, ...options })).toContain(words);
});
