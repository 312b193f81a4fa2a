import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { provision } from "../../runtime/stack/cache.js";
import { runProgram, scratchFolder, stackModule, until, useCleanup } from "./scratch.js";

/** Provisions `thing`; says "building" when its build begins and ends it once the file `go` exists. */
function provisioner(cacheDir: string, go: string): string {
  return `
    import { existsSync } from "node:fs";
    import { appendFile } from "node:fs/promises";
    import { join } from "node:path";
    import { provision } from ${JSON.stringify(stackModule("cache.ts"))};
    const folder = await provision({
      cacheDir: ${JSON.stringify(cacheDir)},
      name: "thing",
      report: (line) => console.log(line),
      build: async (folder) => {
        console.log("building");
        await appendFile(join(folder, "who"), process.pid + "\\n");
        while (!existsSync(${JSON.stringify(go)})) await new Promise((resolve) => setTimeout(resolve, 20));
      },
    });
    console.log("has " + folder);
  `;
}

describe("the cache of servers", () => {
  const cleanup = useCleanup();

  it("lets one of two processes build while the other says that it waits and then uses the result", async () => {
    const folder = await scratchFolder(cleanup);
    const [cacheDir, go] = [join(folder, "cache"), join(folder, "go")];
    const first = await runProgram(folder, provisioner(cacheDir, go));
    await until("the first builds", () => first.output().includes("building"));
    const second = await runProgram(folder, provisioner(cacheDir, go));
    await until("the second waits", () => second.output().includes("waiting for another process that prepares thing"));
    await writeFile(go, "");
    await Promise.all([first.ended, second.ended]);
    expect(first.output()).toContain(`has ${join(cacheDir, "thing")}`);
    expect(second.output()).toContain(`has ${join(cacheDir, "thing")}`);
    expect(second.output()).not.toContain("building");
    expect(await readFile(join(cacheDir, "thing", "who"), "utf8")).toBe(`${first.child.pid ?? 0}\n`);
  });

  it("builds anew after a build that was killed, and leaves nothing of it", async () => {
    const folder = await scratchFolder(cleanup);
    const [cacheDir, go] = [join(folder, "cache"), join(folder, "go")];
    const killed = await runProgram(folder, provisioner(cacheDir, go));
    await until("the build has begun", () => killed.output().includes("building"));
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(existsSync(join(cacheDir, "thing"))).toBe(false);
    await writeFile(go, "");
    const next = await runProgram(folder, provisioner(cacheDir, go));
    await next.ended;
    expect(await readFile(join(cacheDir, "thing", "who"), "utf8")).toBe(`${next.child.pid ?? 0}\n`);
    expect((await readdir(cacheDir)).filter((entry) => entry.includes("unfinished"))).toEqual([]);
  });

  it("keeps nothing of a build that failed, and tries again the next time", async () => {
    const cacheDir = await scratchFolder(cleanup);
    const report = () => undefined;
    const failing = provision({
      cacheDir,
      name: "thing",
      report,
      build: () => Promise.reject(new Error("no compiler")),
    });
    await expect(failing).rejects.toThrow("no compiler");
    expect(await readdir(cacheDir)).toEqual([]);
    await provision({ cacheDir, name: "thing", report, build: (folder) => writeFile(join(folder, "made"), "") });
    expect(existsSync(join(cacheDir, "thing", "made"))).toBe(true);
  });
});
