import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { startReceiver } from "../support/receiver.js";
import { until } from "../support/until.js";
import { PROJECTS, RIGHT, WRONG, WRONG_LINES } from "./consumer-code.js";
import { createConsumer, run } from "./consumer.js";
import type { Consumer } from "./consumer.js";
import { headersOf, SECRET } from "./signing.js";

let consumer: Consumer;
let api: ApiServer;
/** TypeScript blocks by name, such as `client-0`, in the order of the page. */
const samples = new Map<string, string>();

beforeAll(async () => {
  for (const [name, page] of [
    ["client", "../../docs/client.md"],
    ["readme", "../../client/README.md"],
  ] as const) {
    const text = await readFile(new URL(page, import.meta.url), "utf8");
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map((it) => it[1] ?? "");
    for (const [index, block] of blocks.entries()) samples.set(`${name}-${index}`, block);
  }
  [consumer, api] = await Promise.all([createConsumer(), startApi({ openAccess: "loopback-admin" })]);
}, 180_000);

afterAll(async () => {
  await api.close();
  await consumer.remove();
});

const env = () => ({
  ...process.env,
  POSTHORN_URL: api.url,
  POSTHORN_API_KEY: api.keyFor(null),
  WEBHOOK_SECRET: SECRET,
});

const runSample = (name: string) => run(process.execPath, [path.join("out", `${name}.js`)], consumer.folder, env());

describe("the packed client", () => {
  it("has its modules, their types, the licences and a readme, and no source", () => {
    expect(consumer.packed).toEqual([
      "LICENSE",
      "README.md",
      "dist/THIRD-PARTY-LICENSES.txt",
      "dist/index.d.ts",
      "dist/index.js",
      "dist/verify.d.ts",
      "dist/verify.js",
      "package.json",
    ]);
  });

  it("installs nothing but itself: no mongodb, no Temporal, no tRPC", async () => {
    expect(await consumer.installed()).toEqual(["node_modules/@posthorn/client"]);
  });

  it("has declarations that import nothing", async () => {
    for (const entry of ["index", "verify"]) {
      const file = path.join(consumer.folder, "node_modules/@posthorn/client/dist", `${entry}.d.ts`);
      const text = await readFile(file, "utf8");
      expect(text).not.toMatch(/^import|import\(|: any\b|mongodb|temporalio|@trpc|zod|<reference/m);
    }
  });

  it.each(PROJECTS)(
    "type-checks right calls as right and wrong ones as errors in a project %s",
    async (_name, options) => {
      const problems = await consumer.compile({ "right.ts": RIGHT, "wrong.ts": WRONG }, options);
      expect(problems.filter((it) => !it.startsWith("wrong.ts"))).toEqual([]);
      expect([...new Set(problems.map((it) => it.split(" ")[0]))]).toEqual(WRONG_LINES);
    },
  );

  it("has a verifier that loads without the client", async () => {
    const code = `const { verifyWebhook } = await import("@posthorn/client/verify"); console.log(typeof verifyWebhook);`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code], consumer.folder);
    expect(stdout.trim()).toBe("function");
    const verifier = await readFile(path.join(consumer.folder, "node_modules/@posthorn/client/dist/verify.js"), "utf8");
    expect([...verifier.matchAll(/from "(.*)"/g)].map((it) => it[1])).toEqual(["node:buffer", "node:crypto"]);
  });
});

describe("the samples of the client's pages", () => {
  it("compile as they stand, in a project that has only the packed client", async () => {
    expect([...samples.keys()]).toEqual(["client-0", "client-1", "client-2", "client-3", "readme-0", "readme-1"]);
    const files = Object.fromEntries([...samples].map(([name, text]) => [`${name}.ts`, text]));
    const options = { module: "NodeNext", lib: ["ES2023"], types: ["node"] };
    expect(await consumer.compile(files, options)).toEqual([]);
  });

  it("publish, page through deliveries, and meet an error", async () => {
    expect(await runSample("client-0")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^msg_\w+ false\n$/) as string,
    });
    expect(await runSample("client-0")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^msg_\w+ true\n$/) as string,
    });
    expect(await runSample("client-1")).toMatchObject({ code: 0, stderr: "" });
    expect(await runSample("client-2")).toMatchObject({ code: 0, stdout: "refused: invalid_input\n" });
  });

  it("receive: the signed request is printed and answered with 204, a forged one with 401", async () => {
    const free = await startReceiver();
    await free.close();
    const script = path.join("out", "client-3.js");
    const receiver = spawn(process.execPath, [script], {
      cwd: consumer.folder,
      env: { ...env(), PORT: String(free.port) },
    });
    let printed = "";
    receiver.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    try {
      const headers = headersOf({ timestamp: Math.floor(Date.now() / 1000) });
      const post = async (body: string) => {
        const answer = await fetch(`http://127.0.0.1:${free.port}`, { method: "POST", headers, body });
        return answer.status;
      };
      await until("the sample listens", async () => (await post('{"a":1}')) === 204);
      expect(await post('{"a":2}')).toBe(401);
      await until("the sample has printed the event", () => printed.includes("msg_1") && printed.includes("{ a: 1 }"));
    } finally {
      receiver.kill();
    }
  });
});
