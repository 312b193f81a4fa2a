import { spawn } from "node:child_process";
import { chmod, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cachedFolder, hashOfFiles, provision } from "./cache.js";
import { findJava, packageWithMaven, requireJava } from "./maven.js";
import { packageRoot } from "./package-root.js";
import { claimPort, LOOPBACK } from "./ports.js";
import { withProgress } from "./report.js";
import type { Report } from "./report.js";
import { whyNotReady } from "./search-attributes.js";
import { reasonOf, StackError } from "./stack-error.js";
import { downloadTemporal } from "./temporal-download.js";

/** A time-skipping Temporal server, for `TestWorkflowEnvironment.createTimeSkipping` as an existing path. */
export interface TimeSkippingServer {
  path: string;
  /** Where it came from, in a few words. */
  description: string;
}

const PROJECT = join(packageRoot, "tools", "time-skipping");
const MAIN_CLASS = "posthorn.timeskipping.TimeSkipping";
const SOURCES = ["pom.xml", "src/main/java/posthorn/timeskipping/TimeSkipping.java"].map((file) => join(PROJECT, file));
const VERSION = "1.38.0";
const PROGRAM = "temporal-test-server";
const TRAINING_TIMEOUT_MS = 120_000;

/** Names of the cached results. The built one is bound to the Java that it was made with. */
export async function timeSkippingCacheNames(): Promise<{ downloaded: string; built: string }> {
  const java = await findJava();
  const hash = await hashOfFiles(SOURCES, java === undefined ? "none" : `${java.path} ${java.version}`);
  return {
    downloaded: `time-skipping-${VERSION}-download-${process.platform}-${process.arch}`,
    built: `time-skipping-${VERSION}-maven-${hash}`,
  };
}

/**
 * Finds or makes the test server that skips time: from the cache, downloaded, or collected with Maven. It listens within
 * the five seconds that the SDK grants it, because its classes are loaded from an archive that is made here once.
 *
 * @throws StackError that lists what was tried, what answered and how to get it.
 */
export async function provisionTimeSkippingServer(options: {
  cacheDir: string;
  report: Report;
}): Promise<TimeSkippingServer> {
  const { cacheDir, report } = options;
  const names = await timeSkippingCacheNames();
  const downloaded = cachedFolder(cacheDir, names.downloaded);
  if (downloaded !== undefined) return fromDownload(downloaded);
  const built = cachedFolder(cacheDir, names.built);
  if (built !== undefined) return fromMaven(built);

  const tried: string[] = [];
  try {
    const build = async (folder: string) => {
      await downloadTemporal({ artifact: "temporal-test-server", version: "default" }, folder, PROGRAM);
    };
    return fromDownload(await provision({ cacheDir, name: names.downloaded, report, build }));
  } catch (error) {
    tried.push(`download: ${reasonOf(error)}`);
    report(`time-skipping server: no download (${reasonOf(error)}); next choice: Maven`);
  }
  try {
    const build = (folder: string) =>
      withProgress(report, "preparing the time-skipping server with Maven, about half a minute, once", () =>
        collect(folder),
      );
    return fromMaven(await provision({ cacheDir, name: names.built, report, build }));
  } catch (error) {
    tried.push(`Maven: ${reasonOf(error)}`);
  }
  const advice = "  install Java 17 or later and Maven, or let this machine reach temporal.download";
  throw new StackError(["no time-skipping Temporal server:", ...tried.map((line) => `  - ${line}`), advice].join("\n"));
}

function fromDownload(folder: string): TimeSkippingServer {
  return { path: join(folder, PROGRAM), description: "Temporal's own download of the time-skipping server" };
}

function fromMaven(folder: string): TimeSkippingServer {
  return { path: join(folder, PROGRAM), description: `io.temporal:temporal-test-server ${VERSION} through Maven` };
}

async function collect(folder: string): Promise<void> {
  const java = await requireJava();
  await packageWithMaven(join(PROJECT, "pom.xml"), folder);
  const scraps = (await readdir(folder)).filter((entry) => entry !== "lib");
  await Promise.all(scraps.map((entry) => rm(join(folder, entry), { recursive: true })));
  const jars = (await readdir(join(folder, "lib"))).filter((file) => file.endsWith(".jar")).sort();
  // an archive is only valid for the class path that it was made with, hence relative paths in a fixed order
  const classPath = jars.map((jar) => `lib/${jar}`).join(":");
  const flags = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classPath, MAIN_CLASS];
  await archiveClasses(java, flags, folder);
  const script = join(folder, PROGRAM);
  const command = `exec '${java}' -XX:SharedArchiveFile=classes.jsa -Xshare:auto ${flags.join(" ")} "$@"`;
  await writeFile(script, `#!/bin/sh\ncd "$(dirname "$0")" || exit 1\n${command}\n`);
  await chmod(script, 0o755);
}

/** Runs the server once, up to its first answered call, and lets Java write down the classes that took. */
async function archiveClasses(java: string, flags: readonly string[], folder: string): Promise<void> {
  const port = await claimPort({ port: 0, setting: "a free port" });
  const args = ["-XX:ArchiveClassesAtExit=classes.jsa", ...flags, String(port)];
  const training = spawn(java, args, { cwd: folder, stdio: "ignore" });
  const ended = new Promise<void>((resolve, reject) => {
    training.once("error", reject);
    training.once("exit", () => resolve());
  });
  const timer = setTimeout(() => training.kill("SIGKILL"), TRAINING_TIMEOUT_MS);
  try {
    const target = { address: `${LOOPBACK}:${port}`, namespace: "default", searchAttributes: [] };
    while (training.exitCode === null && (await whyNotReady(target)) !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    training.kill("SIGTERM");
    await ended;
  } finally {
    clearTimeout(timer);
  }
}
