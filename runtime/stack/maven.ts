import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { runTool } from "./run-tool.js";
import { reasonOf, StackError } from "./stack-error.js";
import { findOnPath } from "./which.js";

const BUILD_TIMEOUT_MS = 15 * 60_000;
const run = promisify(execFile);

export interface Java {
  path: string;
  /** For example 17. */
  major: number;
  /** For example 17.0.15. */
  version: string;
}

/** The `java` on the search path; undefined if there is none that answers. */
export async function findJava(): Promise<Java | undefined> {
  const path = await findOnPath("java");
  if (path === undefined) return undefined;
  try {
    // prints to standard error: openjdk version "17.0.15" 2025-04-15
    const { stderr, stdout } = await run(path, ["-version"], { timeout: 10_000 });
    const version = /version "(?:1\.)?([^"]+)"/.exec(stderr + stdout)?.[1];
    return version === undefined ? undefined : { path, major: Number.parseInt(version, 10), version };
  } catch {
    return undefined;
  }
}

/**
 * The `java` to run a server with.
 *
 * @throws StackError if it is missing or older than 17.
 */
export async function requireJava(): Promise<string> {
  const java = await findJava();
  if (java === undefined) throw new StackError("java is not on the search path");
  if (java.major < 17) throw new StackError(`java 17 or later is needed, ${java.path} is ${java.major}`);
  return java.path;
}

/**
 * Builds one of the Maven projects under tools/ into a folder outside the checkout.
 *
 * @throws StackError if Maven is missing or fails, with what it printed.
 */
export async function packageWithMaven(pom: string, buildFolder: string): Promise<void> {
  const maven = await findOnPath("mvn");
  if (maven === undefined) throw new StackError("mvn (Maven) is not on the search path");
  const args = ["-B", "-q", "-ntp", "-f", pom, `-Dbuild.folder=${buildFolder}`, "package"];
  try {
    await runTool({ command: maven, args, timeoutMs: BUILD_TIMEOUT_MS });
  } catch (error) {
    throw new StackError(`Maven could not build ${pom}: ${reasonOf(error)}`);
  }
}
