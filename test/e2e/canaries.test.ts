/**
 * Secrets and contents that are planted everywhere turn up nowhere but where they belong: not in a log, an error, a list,
 * the audit list, or anything that Temporal keeps.
 */
import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKeyText } from "../../api/keys/api-key.js";
import { createLog } from "../../runtime/log.js";
import { Cli } from "../support/cli.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import type { Installation } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { Receiver } from "../support/receiver.js";
import { until } from "../support/until.js";
import { Caller } from "./canaries-caller.js";
import { Canaries, formsOf } from "./canaries-finder.js";
import type { Haystack } from "./canaries-finder.js";
import { plant } from "./canaries-planted.js";
import type { Planted } from "./canaries-planted.js";
import { driveCompatibility, driveFailures, driveOurs, OPERATOR_PATH, readEverything } from "./canaries-scenes.js";
import { everythingInTemporal, withTemporal } from "./canaries-temporal.js";

const canaries = new Canaries();
let planted: Planted;
let installation: Installation;
let receiver: Receiver;
const answers: Haystack[] = [];
const output: Haystack[] = [];
let histories: Haystack[] = [];

beforeAll(async () => {
  planted = plant(canaries);
  const plain = await newInstallation();
  installation = {
    env: {
      ...plain.env,
      POSTHORN_ADMIN_KEY: planted.adminKey,
      POSTHORN_ENCRYPTION_KEYS: planted.encryptionKey,
      POSTHORN_LOG_LEVEL: "debug",
    },
  };
  receiver = await startReceiver({ respond: (request) => planted.respond(request) });
  await withPosthorn("the process", {}, async (caller) => {
    await driveOurs(caller, { planted, canaries, receiver });
    await driveCompatibility(caller, { planted, canaries, receiver });
    await driveFailures(caller, { planted, canaries, receiver });
    await readEverything(caller);
  });
  await withPosthorn(
    "a process without its key",
    { POSTHORN_ENCRYPTION_KEYS: planted.otherEncryptionKey },
    async (caller) => {
      const { data } = await caller.ask<{ data: { id: string; uid: string | null }[] }>(200, "GET", "/v1/endpoints", {
        shows: ["url token", "metadata"],
      });
      const [first] = data.filter((it) => it.uid === "ok");
      await caller.ask(500, "GET", `/v1/endpoints/${first?.id ?? ""}/secret`);
      await caller.ask(202, "POST", "/v1/events", {
        body: { eventType: "order.paid", payload: { note: planted.payload } },
      });
      await until("the fault was met", () => lines.some((it) => it.includes("delivery.not_attempted")));
    },
  );
  await withPosthorn("a process that may not call", { POSTHORN_EGRESS_ALLOW: "" }, async (caller) => {
    await caller.ask(400, "POST", "/v1/endpoints", { body: { url: `${receiver.url}?token=${planted.urlToken}` } });
    await caller.ask(202, "POST", "/v1/events", {
      body: { eventType: "order.paid", payload: { note: planted.payload } },
    });
    await until("it was refused", () => lines.some((it) => it.includes("blocked.url")));
  });
  histories = await withTemporal(installation, everythingInTemporal);
}, 400_000);
afterAll(() => receiver.close());

/** What the process of the moment has written. */
let lines: readonly string[] = [];

async function withPosthorn(
  name: string,
  env: Record<string, string>,
  work: (caller: Caller) => Promise<void>,
): Promise<void> {
  const posthorn = await Posthorn.start(installation, { env });
  lines = posthorn.output;
  const caller = new Caller(posthorn.url, planted.adminKey);
  try {
    await work(caller);
  } finally {
    await posthorn.stop();
    answers.push(...caller.answers.map((it) => ({ ...it, place: `${name}: ${it.place}` })));
    output.push(...posthorn.output.map((text) => ({ place: `${name}: output`, text })));
  }
}

describe("the search", () => {
  const known = new Canaries();
  const secret = known.watch("secret", 'canary "text"/of+a=secret');
  const found = (text: string) => known.find({ place: "here", text });

  it.each(formsOf(secret).map((form) => [form.name, form.text] as const))(
    "finds a text that is %s: %s",
    (_name, form) => {
      expect(found(`before ${form} after`)).toHaveLength(1);
    },
  );

  it.each([0, 1, 2, 3, 4])("finds a text in base64 of something longer, %i bytes in", (before) => {
    const whole = Buffer.from(`${"x".repeat(before)}${secret}yy`);
    expect(found(`{"data":"${whole.toString("base64")}"}`)).toHaveLength(1);
    expect(found(whole.toString("base64url"))).toHaveLength(1);
    expect(found(JSON.stringify({ deep: JSON.stringify({ data: whole.toString("base64") }) }))).toHaveLength(1);
  });

  it("finds a text in JSON within JSON, and nothing where nothing is", () => {
    expect(found(JSON.stringify({ a: JSON.stringify({ b: JSON.stringify(secret) }) }))).toHaveLength(1);
    expect(found(JSON.stringify({ a: "canary", b: secret.slice(0, -2) }))).toEqual([]);
    expect(known.find({ place: "here", text: secret, shows: ["secret"] })).toEqual([]);
    expect(known.find({ place: "here", text: secret, shows: ["other"] })).toHaveLength(1);
  });

  it("finds what is logged, in a field, a message, a cause or a stack", () => {
    const destination = new PassThrough();
    const log = createLog({ level: "debug", pretty: false, destination });
    log.error({ problem: planted.payload }, planted.metadata, new Error(planted.header));
    const line = String(destination.read());
    const names = canaries.find({ place: "a line", text: line }).map((it) => it.canary);
    expect(names.sort()).toEqual(["header value", "metadata", "payload"]);
  });

  it("finds what a workflow is given, in its input, memo, search attributes and summary", async () => {
    const other = new Canaries();
    const [input, memo, attribute, summary] = ["input", "memo", "attribute", "summary"].map((it) => other.plant(it));
    const found = await withTemporal(installation, async (client) => {
      const handle = await client.workflow.start("nobody", {
        taskQueue: "nobody",
        workflowId: `canary/${randomBytes(6).toString("hex")}`,
        args: [{ deep: [input] }],
        memo: { memo },
        staticSummary: summary ?? "",
        typedSearchAttributes: [{ key: { name: "ApplicationId", type: "KEYWORD" }, value: attribute ?? "" }],
      });
      try {
        return await until("the workflow is listed", async () => {
          const texts = await everythingInTemporal(client);
          const seen = texts.filter((it) => it.place.includes(handle.workflowId)).flatMap((it) => other.find(it));
          return seen.length > 0 ? seen : undefined;
        });
      } finally {
        await handle.terminate();
      }
    });
    expect([...new Set(found.map((it) => it.canary))].sort()).toEqual(["attribute", "input", "memo", "summary"]);
  });
});

describe("what was planted", () => {
  it("reached the receiver, where it belongs", () => {
    const all = receiver.requests.map((it) => `${it.path} ${JSON.stringify(it.headers)} ${it.body.toString("utf8")}`);
    const seen = new Set(all.flatMap((text) => canaries.find({ place: "the receiver", text }).map((it) => it.canary)));
    for (const name of ["payload", "header value", "url token", "webhook key", "health data"])
      expect(seen).toContain(name);
  });

  it("is in nothing that operators are told", async () => {
    const told = receiver.requests.filter((it) => it.path === OPERATOR_PATH);
    const texts = told.map((it) => ({
      place: "an operational event",
      text: `${JSON.stringify(it.headers)} ${it.body.toString("utf8")}`,
    }));
    expect(texts.some((it) => it.text.includes("endpoint.disabled"))).toBe(true);
    expect(await canaries.findIn(texts)).toEqual([]);
  });

  it("is in no line that a process wrote", async () => {
    expect(output.filter((it) => it.text.includes("delivery.attempted")).length).toBeGreaterThan(10);
    for (const outcome of ["ok", "http.500", "connect.reset", "gone", "blocked.url", "dns."]) {
      expect(
        output.some((it) => it.text.includes(`"outcome":"${outcome}`)),
        outcome,
      ).toBe(true);
    }
    expect(await canaries.findIn(output)).toEqual([]);
  });

  it("is in no answer but those that are about it", async () => {
    expect(answers.filter((it) => /\([45]\d\d\)$/.test(it.place)).length).toBeGreaterThan(30);
    expect(answers.some((it) => it.place.includes("/v1/audit") && it.text.includes("endpoints.create"))).toBe(true);
    expect(await canaries.findIn(answers)).toEqual([]);
  });

  it("is in nothing that Temporal keeps", async () => {
    for (const part of ["event", "delivery", "scheduled", "schedule posthorn-sweep"]) {
      expect(
        histories.some((it) => it.place.includes(part)),
        part,
      ).toBe(true);
    }
    expect(histories.some((it) => it.text.includes("order.paid"))).toBe(true);
    expect(await canaries.findIn(histories)).toEqual([]);
  });

  it("has no private key among it, which nobody can plant", () => {
    const texts = [...output, ...answers, ...histories].filter((it) => /whsk_[\w+/]{20}/.test(it.text));
    expect(texts.map((it) => it.place)).toEqual([]);
    expect(answers.some((it) => /whpk_[\w+/]{20}/.test(it.text))).toBe(true);
  });

  it("is in nothing that the command line says", async () => {
    const commands: [string[], Record<string, string>][] = [
      [["doctor"], {}],
      [["keys", "list"], {}],
      [["secrets", "status"], {}],
      [["secrets", "rotate"], { POSTHORN_EGRESS_PROXY: `https://user:${canaries.plant("proxy password")}@proxy:1` }],
      [["start"], { POSTHORN_ADMIN_KEY: canaries.plant("short key").slice(0, 23), MONGODB_URI: "" }],
      [["start"], { POSTHORN_ENCRYPTION_KEYS: `a:${canaries.plant("bad key")}` }],
      [
        ["keys", "list"],
        { MONGODB_URI: `mongodb://user:${canaries.plant("password")}@127.0.0.1:9/x?serverSelectionTimeoutMS=200` },
      ],
      [["keys", "revoke", `phk_${canaries.plant("key as id")}`], {}],
      [["keys", "create", "--application", "nobody", "--name", canaries.plant("key name")], {}],
    ];
    const said: Haystack[] = [];
    for (let at = 0; at < commands.length; at += 3) {
      const together = commands.slice(at, at + 3).map(async ([args, env]) => {
        const cli = Cli.run(args, { ...installation.env, ...env });
        await cli.ended();
        said.push({ place: `posthorn ${args.join(" ")}`, text: cli.output });
      });
      await Promise.all(together);
    }
    expect(said.map((it) => it.text)).not.toContain("");
    expect(await canaries.findIn(said)).toEqual([]);
  }, 120_000);
});

it("a key's secret part is searched for, not its id, which lists may show", () => {
  const text = createApiKeyText(randomBytes);
  const own = new Canaries();
  own.watch("key", text.slice(18));
  expect(own.find({ place: "a list", text: text.slice(4, 17) })).toEqual([]);
  expect(own.find({ place: "a list", text })).toHaveLength(1);
});
