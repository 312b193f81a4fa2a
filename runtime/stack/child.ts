import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "./package-root.js";
import { reasonOf, StackError } from "./stack-error.js";

/** How a child ended: an exit code, or the signal that ended it. */
export interface ChildExit {
  code: number | undefined;
  signal: string | undefined;
}

export interface ChildOptions {
  command: string;
  args: readonly string[];
  /** Its standard output and error are appended here. */
  logFile: string;
  /** How long it may take to stop by itself before it is killed. */
  graceMs: number;
  /** `guard`: a supervisor ends it with us. `stdin`: it ends by itself when its standard input ends. */
  endsWithUs: "guard" | "stdin";
  /** Above that of this process, from 1 to 19: others go first where processors are scarce. With a guard only. @default 0 */
  niceness?: number;
  env?: NodeJS.ProcessEnv;
}

/** A running server process that cannot outlive this one. */
export interface Child {
  /** Of the server itself, not of its guard. */
  readonly pid: number;
  /** Resolves once, when the process is gone. */
  readonly exited: Promise<ChildExit>;
  /** Sends a signal to the server itself; does nothing when it is gone. */
  kill(signal: NodeJS.Signals): void;
  /** Asks it to stop, kills it after the grace period, resolves when it is gone. */
  stop(): Promise<ChildExit>;
}

/**
 * Starts a server in its own process group (Ctrl-C reaches us only, and we decide the order of stopping).
 *
 * @throws StackError if the program cannot be started at all.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const guarded = options.endsWithUs === "guard";
  const log = openSync(options.logFile, "a");
  const stdio: StdioOptions = guarded ? ["pipe", log, log, "pipe"] : ["pipe", log, log];
  const { graceMs, niceness = 0 } = options;
  const guard = [
    join(packageRoot, "runtime", "stack", "guard.mjs"),
    String(graceMs),
    String(niceness),
    options.command,
  ];
  const [command, args] = guarded ? [process.execPath, [...guard, ...options.args]] : [options.command, options.args];
  let processOf: ChildProcess;
  try {
    processOf = spawn(command, args, { stdio, detached: true, env: { ...process.env, ...options.env } });
  } finally {
    closeSync(log);
  }
  const exited = new Promise<ChildExit>((resolve) => {
    processOf.once("exit", (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  // the pipe breaks when the child dies first, which `exited` tells already
  processOf.stdin?.on("error", () => undefined);
  const pid = await startedPid(processOf, guarded, options.command);
  return {
    pid,
    exited,
    kill: (signal) => sendSignal(pid, signal),
    stop: () => stopChild(processOf, pid, exited, options),
  };
}

async function startedPid(child: ChildProcess, guarded: boolean, command: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(new StackError(`${command} cannot be started: ${reasonOf(error)}`)));
  });
  const own = child.pid ?? -1;
  const channel = child.stdio[3];
  if (!guarded || channel === null || channel === undefined || !("on" in channel) || !("read" in channel)) return own;
  for await (const line of createInterface({ input: channel })) {
    const pid = /"pid":(\d+)/.exec(line)?.[1];
    if (pid !== undefined) return Number(pid);
    throw new StackError(`${command} cannot be started: ${line}`);
  }
  throw new StackError(`${command} cannot be started: its guard ended at once`);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone already
  }
}

async function stopChild(
  child: ChildProcess,
  pid: number,
  exited: Promise<ChildExit>,
  { graceMs, endsWithUs }: ChildOptions,
): Promise<ChildExit> {
  child.stdin?.end();
  // the guard has a timer of its own; ours covers a guard that was stopped or killed
  const timer = setTimeout(() => sendSignal(pid, "SIGKILL"), endsWithUs === "guard" ? graceMs + 2000 : graceMs);
  try {
    return await exited;
  } finally {
    clearTimeout(timer);
  }
}
