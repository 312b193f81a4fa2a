import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ADMIN_KEY, newInstallation, Posthorn } from "../support/posthorn.js";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

async function bench(...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (some: string) => (text += some));
  await once(child, "close");
  return { code: child.exitCode, text };
}

test("against a Posthorn that runs, the benchmark finds every delivery and leaves its results", async () => {
  const posthorn = await Posthorn.start(await newInstallation());
  const folder = await mkdtemp(join(tmpdir(), "posthorn-bench-test-"));
  try {
    const out = join(folder, "results.json");
    const target = ["--against", posthorn.url, "--key", ADMIN_KEY];

    const { code, text } = await bench(...target, "--size", "tiny", "--only", "light-10,fan-out-10,idle", "--out", out);

    expect(text).toContain("idle: skipped, it needs control");
    const written = await readFile(out, "utf8");
    expect(written).not.toContain(ADMIN_KEY);
    expect(JSON.parse(written)).toMatchObject({
      environment: { posthorn: expect.stringMatching(/^\d/) as string, node: process.version },
      scenarios: [
        { name: "light-10", failed: null, tally: { expected: 10, missing: 0 } },
        { name: "fan-out-10", failed: null, tally: { expected: 10, missing: 0 } },
        { name: "idle", failed: null, tally: { expected: 0 } },
      ],
    });
    expect(code, text).toBe(0);
  } finally {
    await posthorn.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 180_000);

test("a Posthorn that is not there is a failed scenario, not a hang", async () => {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-bench-test-"));
  try {
    const target = ["--against", "http://127.0.0.1:9", "--key", "any-key-at-all"];

    const { code, text } = await bench(...target, "--only", "light-10", "--out", join(folder, "results.json"));

    expect(text).toContain("FAILED");
    expect(code).toBe(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a wrong option is refused with 2", async () => {
  const { code, text } = await bench("--nonsense");

  expect(text).toContain("unknown option '--nonsense'");
  expect(code).toBe(2);
});
