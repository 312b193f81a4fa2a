import { describe, expect, it } from "vitest";
import { lockDataDir } from "../../runtime/stack/data-dir.js";
import { runProgram, scratchFolder, stackModule, until, useCleanup } from "./scratch.js";

function holder(dataDir: string): string {
  return `
    import { lockDataDir } from ${JSON.stringify(stackModule("data-dir.ts"))};
    const lock = await lockDataDir(${JSON.stringify(dataDir)});
    console.log("locked, taken over: " + lock.takenOver);
    setInterval(() => undefined, 1000);
  `;
}

describe("the lock of a data folder", () => {
  const cleanup = useCleanup();

  it("refuses a second process and names the first", async () => {
    const dataDir = await scratchFolder(cleanup);
    const first = await runProgram(dataDir, holder(dataDir));
    await until("the first has it", () => first.output().includes("locked"));
    await expect(lockDataDir(dataDir)).rejects.toThrow(`is in use by process ${first.child.pid ?? 0}`);
    first.child.kill("SIGKILL");
    await first.ended;
  });

  it("is taken over at once from a process that was killed", async () => {
    const dataDir = await scratchFolder(cleanup);
    const first = await runProgram(dataDir, holder(dataDir));
    await until("the first has it", () => first.output().includes("locked"));
    first.child.kill("SIGKILL");
    await first.ended;
    const lock = await lockDataDir(dataDir);
    expect(lock.takenOver).toBe(true);
    await lock.release();
  });

  it("is free after its release", async () => {
    const dataDir = await scratchFolder(cleanup);
    await (await lockDataDir(dataDir)).release();
    const again = await lockDataDir(dataDir);
    expect(again.takenOver).toBe(false);
    await again.release();
  });
});
