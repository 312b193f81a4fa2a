import { createServer } from "node:net";
import type { Server } from "node:net";
import { describe, expect, it } from "vitest";
import { startStack } from "../../runtime/stack/index.js";
import type { StackOptions } from "../../runtime/stack/index.js";
import { isRunning, runProgram, scratchFolder, stackModule, until, useCleanup } from "./scratch.js";

const quiet = { mongodbPort: 0, temporalPort: 0, headless: true, searchAttributes: [], report: () => undefined };

describe("the embedded stack", () => {
  const cleanup = useCleanup();

  async function start(options: Partial<StackOptions> & { dataDir: string }) {
    const stack = await startStack({ ...quiet, ...options });
    cleanup(() => stack.stop());
    return stack;
  }

  it("leaves no server behind when its process is killed, and starts again at once on the same folder and ports", async () => {
    const dataDir = await scratchFolder(cleanup);
    const owner = await runProgram(
      dataDir,
      `import { startStack } from ${JSON.stringify(stackModule("index.ts"))};
       const options = { mongodbPort: 0, temporalPort: 0, headless: true, searchAttributes: [], report: () => undefined };
       const stack = await startStack({ ...options, dataDir: ${JSON.stringify(dataDir)} });
       console.log("pids " + stack.mongo.server.pid + " " + stack.temporal.server.pid);
       console.log("ports " + new URL(stack.mongodbUri).port + " " + stack.temporalAddress.split(":")[1]);`,
    );
    await until("it runs", () => owner.output().includes("ports"));
    const [mongoPid, temporalPid] = numbersAfter("pids", owner.output());
    const [mongodbPort, temporalPort] = numbersAfter("ports", owner.output());
    owner.child.kill("SIGKILL");
    await owner.ended;
    const stack = await start({ dataDir, mongodbPort, temporalPort });
    expect(stack.temporalAddress).toBe(`127.0.0.1:${temporalPort ?? 0}`);
    await until("the old servers are gone", () => !isRunning(mongoPid ?? 0) && !isRunning(temporalPid ?? 0));
  });

  it("refuses a second start on the same folder and leaves the first alone", async () => {
    const dataDir = await scratchFolder(cleanup);
    const stack = await start({ dataDir });
    await expect(startStack({ ...quiet, dataDir })).rejects.toThrow(`is in use by process ${process.pid}`);
    expect(isRunning(stack.mongo.server?.pid ?? 0)).toBe(true);
  });

  it("names the setting of a port that is taken, starts nothing and gives the folder free", async () => {
    const dataDir = await scratchFolder(cleanup);
    const { port, server } = await occupy();
    cleanup(() => new Promise((resolve) => server.close(resolve)));
    await expect(startStack({ ...quiet, dataDir, temporalPort: port })).rejects.toThrow("POSTHORN_TEMPORAL_PORT");
    await expect(startStack({ ...quiet, dataDir, mongodbPort: port })).rejects.toThrow("POSTHORN_MONGODB_PORT");
    const ui = startStack({ ...quiet, dataDir, headless: false, temporalUiPort: port });
    await expect(ui).rejects.toThrow("POSTHORN_TEMPORAL_UI_PORT");
    await start({ dataDir });
  });

  it("tells its owner when a server that is not to be restarted dies", async () => {
    const exits: string[] = [];
    const stack = await start({ dataDir: await scratchFolder(cleanup), onExit: ({ server }) => exits.push(server) });
    await stack.temporal.server?.kill("SIGKILL");
    await until("the owner has heard", () => exits.includes("Temporal"));
    expect(isRunning(stack.mongo.server?.pid ?? 0)).toBe(true);
  });
});

function numbersAfter(word: string, output: string): number[] {
  return (new RegExp(`${word} (.*)`).exec(output)?.[1] ?? "").split(" ").map(Number);
}

function occupy(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({ server, port: typeof address === "object" && address !== null ? address.port : 0 });
    });
  });
}
