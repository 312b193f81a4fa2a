import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { cachedFolder, hashOfFiles, provision } from "./cache.js";
import { packageWithMaven, requireJava } from "./maven.js";
import { packageRoot } from "./package-root.js";
import { withProgress } from "./report.js";
import type { Report } from "./report.js";

const PROJECT = join(packageRoot, "tools", "mongo-standin");

/** A MongoDB stand-in that can be started: its class path and the Java to start it with. */
export interface StandInProgram {
  java: string;
  /** Holds the jars. */
  libFolder: string;
}

/** The name of the cached result; changes with the sources of the launcher. */
export async function standInCacheName(): Promise<string> {
  const files = (await readdir(PROJECT, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(java|xml|properties)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(join(PROJECT, "target")))
    .sort();
  return `mongo-standin-1.47.0-${await hashOfFiles(files)}`;
}

/**
 * Finds or builds the stand-in (Maven, Java 17; well under a minute, once).
 *
 * @throws StackError if Java or Maven is missing or the build fails.
 */
export async function provisionStandIn(options: { cacheDir: string; report: Report }): Promise<StandInProgram> {
  const { cacheDir, report } = options;
  const java = await requireJava();
  const name = await standInCacheName();
  const folder =
    cachedFolder(cacheDir, name) ??
    (await provision({
      cacheDir,
      name,
      report,
      build: (target) =>
        withProgress(report, "building the MongoDB stand-in with Maven, about half a minute, once", async () => {
          await packageWithMaven(join(PROJECT, "pom.xml"), target);
          const scraps = (await readdir(target)).filter((entry) => entry !== "lib");
          await Promise.all(scraps.map((entry) => rm(join(target, entry), { recursive: true })));
        }),
    }));
  return { java, libFolder: join(folder, "lib") };
}
