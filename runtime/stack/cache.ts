import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import envPaths from "env-paths";
import lockfile from "proper-lockfile";
import { withProgress } from "./report.js";
import type { Report } from "./report.js";
import { StackError } from "./stack-error.js";

/** `POSTHORN_CACHE_DIR`, or the user's cache folder: where built and downloaded servers are kept, by version. */
export function defaultCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env["POSTHORN_CACHE_DIR"];
  return chosen === undefined || chosen === "" ? envPaths("posthorn", { suffix: "" }).cache : chosen;
}

export interface Provision {
  cacheDir: string;
  /** The name of the finished folder in the cache: what it is, its version, and whatever else makes it different. */
  name: string;
  report: Report;
  /** Fills the folder, which is empty and private to this call. What it leaves there is the result. */
  build: (folder: string) => Promise<void>;
}

/** Longer than any build: a process that waits for another's build gives up after this. */
const WAIT_FOR_OTHER_MS = 45 * 60_000;
/** A lock whose holder has not touched it for this long belongs to a process that is gone. */
const LOCK_STALE_MS = 10_000;
const WAIT_STEP_MS = 500;

/** The finished folder of an earlier `provision` of that name, or undefined. */
export function cachedFolder(cacheDir: string, name: string): string | undefined {
  const folder = join(cacheDir, name);
  return existsSync(folder) ? folder : undefined;
}

/**
 * Resolves to the cached folder of that name and builds it first if need be. Safe between processes: one builds, the others
 * say that they wait. Safe to interrupt: the build happens in a folder of its own and is renamed when it is complete.
 */
export async function provision({ cacheDir, name, report, build }: Provision): Promise<string> {
  const found = cachedFolder(cacheDir, name);
  if (found !== undefined) return found;
  await mkdir(cacheDir, { recursive: true });
  const release = await lockOrResult(cacheDir, name, report);
  try {
    const already = cachedFolder(cacheDir, name);
    if (already !== undefined) return already;
    await removeLeftovers(cacheDir, name);
    const unfinished = join(cacheDir, `${name}.unfinished-${process.pid}`);
    await mkdir(unfinished);
    try {
      await build(unfinished);
      await rename(unfinished, join(cacheDir, name));
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return join(cacheDir, name);
  } finally {
    await release();
  }
}

/** A short hash of files, for names of cached folders that must change with them. */
export async function hashOfFiles(files: readonly string[], ...more: string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file)).update("\0");
  for (const text of more) hash.update(text).update("\0");
  return hash.digest("hex").slice(0, 10);
}

type Release = () => Promise<void>;

async function lockOrResult(cacheDir: string, name: string, report: Report): Promise<Release> {
  const first = await tryLock(cacheDir, name, report);
  if (first !== undefined) return first;
  return withProgress(report, `waiting for another process that prepares ${name}`, async () => {
    const deadline = Date.now() + WAIT_FOR_OTHER_MS;
    while (Date.now() < deadline) {
      if (cachedFolder(cacheDir, name) !== undefined) return () => Promise.resolve();
      const release = await tryLock(cacheDir, name, report);
      if (release !== undefined) return release;
      await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
    }
    throw new StackError(`another process has held ${join(cacheDir, name)}.lock for too long: end it and try again`);
  });
}

async function tryLock(cacheDir: string, name: string, report: Report): Promise<Release | undefined> {
  try {
    return await lockfile.lock(join(cacheDir, name), {
      realpath: false,
      stale: LOCK_STALE_MS,
      onCompromised: () => report(`the lock of ${name} was lost, which a machine that slept may cause; going on`),
    });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ELOCKED") return undefined;
    throw error;
  }
}

async function removeLeftovers(cacheDir: string, name: string): Promise<void> {
  const leftovers = (await readdir(cacheDir)).filter((entry) => entry.startsWith(`${name}.unfinished-`));
  await Promise.all(leftovers.map((entry) => rm(join(cacheDir, entry), { recursive: true, force: true })));
}
