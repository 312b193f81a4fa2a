import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { claimPort } from "../../runtime/stack/ports.js";
import { useCleanup } from "./scratch.js";

function occupy(): Promise<{ port: number; free: () => Promise<void> }> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({ port, free: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

describe("ports", () => {
  const cleanup = useCleanup();

  it("that are taken give an error with the port and the setting that chooses another", async () => {
    const { port, free } = await occupy();
    cleanup(free);
    const claim = claimPort({ port, setting: "POSTHORN_MONGODB_PORT" });
    await expect(claim).rejects.toThrow(new RegExp(`port ${port} on 127.0.0.1 is taken.*POSTHORN_MONGODB_PORT`));
  });

  it("that become free in time are waited for", async () => {
    const { port, free } = await occupy();
    const claim = claimPort({ port, setting: "ANY" }, 30_000);
    await free();
    expect(await claim).toBe(port);
  });

  it("are picked by the system for port 0", async () => {
    expect(await claimPort({ port: 0, setting: "ANY" })).toBeGreaterThan(0);
  });
});
