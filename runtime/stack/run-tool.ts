import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "./package-root.js";
import { reasonOf, StackError } from "./stack-error.js";

export interface ToolRun {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** After this it is ended and the run fails. */
  timeoutMs: number;
}

/** How much of a tool's output is kept for an error message. */
const KEPT_OUTPUT_CHARS = 4000;
const GRACE_MS = 2000;

/**
 * Runs a build tool to its end and returns the tail of what it printed. It ends with us, as servers do: a build that nobody
 * waits for would only take the processor from the one that is started next.
 *
 * @throws StackError with the tail of the output if it cannot be started, fails or takes too long.
 */
export async function runTool(run: ToolRun): Promise<string> {
  const guard = join(packageRoot, "runtime", "stack", "guard.mjs");
  const child = spawn(process.execPath, [guard, String(GRACE_MS), "0", run.command, ...run.args], {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: run.cwd,
    env: { ...process.env, ...run.env },
  });
  let output = "";
  const keep = (chunk: Buffer) => (output = (output + chunk.toString("utf8")).slice(-KEPT_OUTPUT_CHARS));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  child.stdin.on("error", () => undefined);
  const startedAt = Date.now();
  const timer = setTimeout(() => child.stdin.end(), run.timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code === 0) return output;
    const late = Date.now() - startedAt >= run.timeoutMs;
    const why = late
      ? `did not finish within ${Math.round(run.timeoutMs / 1000)} s`
      : `failed (exit code ${code ?? "?"})`;
    throw new StackError(`${run.command} ${run.args.slice(0, 2).join(" ")} ${why}: ${output.trim().slice(-1500)}`);
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(`${run.command} cannot be started: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
