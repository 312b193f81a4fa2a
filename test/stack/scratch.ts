import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

/** Where the tests run: `tsx` is found from here. */
const ROOT = join(import.meta.dirname, "..", "..");

/** What has to be undone after a test, latest first. */
export function useCleanup(): (undo: () => Promise<unknown>) => void {
  const undos: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const undo of undos.splice(0).reverse()) await undo();
  });
  return (undo) => void undos.push(undo);
}

/** A fresh folder that the caller removes. */
export async function scratchFolder(cleanup: (undo: () => Promise<unknown>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-stack-"));
  cleanup(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return folder;
}

/** Asks until the answer is true. @throws Error with `what` after the deadline. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  deadlineMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`still not so after ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Whether a process exists (and is not merely waiting for its parent to notice that it ended). */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A TypeScript program of its own process, with what it has printed so far. */
export interface Program {
  child: ChildProcess;
  output: () => string;
  ended: Promise<void>;
}

/** Runs a module's text in a process of its own; it may import from the repository by absolute path. */
export async function runProgram(folder: string, text: string): Promise<Program> {
  const file = join(folder, `program-${Math.random().toString(36).slice(2)}.mts`);
  await writeFile(file, text);
  const child = spawn(process.execPath, ["--import", "tsx", file], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return { child, output: () => output, ended };
}

/** The absolute path of a module of the stack, for programs. */
export function stackModule(name: string): string {
  return join(ROOT, "runtime", "stack", name);
}
