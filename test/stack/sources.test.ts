import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { describeSources } from "../../runtime/stack/index.js";
import { provisionMongo } from "../../runtime/stack/mongo-source.js";
import { provisionStandIn } from "../../runtime/stack/mongo-standin-source.js";
import { provisionTemporal, temporalCacheNames } from "../../runtime/stack/temporal-source.js";
import { scratchFolder, useCleanup } from "./scratch.js";

describe("the sources of servers", () => {
  const cleanup = useCleanup();
  const report = () => undefined;
  let folder: string;
  let cacheDir: string;

  /** Puts a program on the search path, which is empty otherwise. */
  async function install(name: string): Promise<string> {
    const path = join(folder, "bin", name);
    await writeFile(path, "#!/bin/sh\necho version 0\n");
    await chmod(path, 0o755);
    return path;
  }

  beforeEach(async () => {
    folder = await scratchFolder(cleanup);
    cacheDir = join(folder, "cache");
    await mkdir(join(folder, "bin"));
    const before = { ...process.env };
    cleanup(() => {
      process.env = before;
      return Promise.resolve();
    });
    // no machine that these tests run on may download anything
    process.env = {
      ...before,
      PATH: join(folder, "bin"),
      HTTPS_PROXY: "http://127.0.0.1:9",
      https_proxy: "http://127.0.0.1:9",
    };
  });

  it("begin with the program on the search path", async () => {
    const [temporal, mongod] = [await install("temporal"), await install("mongod")];
    expect(await provisionTemporal({ cacheDir, report })).toMatchObject({ path: temporal });
    expect(await provisionMongo({ cacheDir, report })).toMatchObject({ kind: "mongod", path: mongod });
  });

  it("go on with what the cache has, without asking the network or a compiler", async () => {
    const { built } = await temporalCacheNames();
    await mkdir(join(cacheDir, built), { recursive: true });
    expect(await provisionTemporal({ cacheDir, report })).toMatchObject({ path: join(cacheDir, built, "temporal") });
  });

  it("end, when nothing is there, with an error that lists what was tried and how to get a server", async () => {
    const failure = provisionTemporal({ cacheDir, report });
    await expect(failure).rejects.toThrow(/not on the search path\n.*download: temporal\.download cannot be reached/);
    await expect(failure).rejects.toThrow(/go is not on the search path/);
    await expect(failure).rejects.toThrow(/TEMPORAL_ADDRESS[^]*https:\/\/docs\.temporal\.io[^]*https:\/\/go\.dev/);
    await expect(provisionStandIn({ cacheDir, report })).rejects.toThrow("java is not on the search path");
  });

  it("never put a stand-in in front of the data of a real MongoDB, nor the other way round", async () => {
    await install("mongod");
    await expect(provisionMongo({ cacheDir, report, keep: "standIn" })).rejects.toThrow("java");
  });

  it("are described in their order without making anything", async () => {
    await install("temporal");
    const sources = await describeSources({ cacheDir, mongodbUri: "mongodb://somewhere" });
    expect(sources.filter(({ server }) => server === "temporal").map(({ source }) => source)).toEqual([
      "given",
      "search path",
      "cached download",
      "cached Go build",
      "Go",
    ]);
    const available = sources.filter((each) => each.available && each.source !== "cached download");
    expect(available.map(({ server, source }) => `${server}: ${source}`)).toEqual([
      "temporal: search path",
      "mongodb: given",
    ]);
    expect(existsSync(cacheDir)).toBe(false);
  });
});
