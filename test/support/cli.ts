/** The command line as people run it: a process, its words, and its end. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "./until.js";

const MAIN = fileURLToPath(new URL("../../runtime/cli/main.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export class Cli {
  #output = "";

  private constructor(readonly process: ChildProcess) {
    const add = (chunk: Buffer) => {
      this.#output += chunk.toString("utf8");
    };
    process.stdout?.on("data", add);
    process.stderr?.on("data", add);
  }

  static run(args: readonly string[], env: Record<string, string> = {}): Cli {
    const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Cli(child);
  }

  /** Everything it said so far. */
  get output(): string {
    return this.#output;
  }

  /** What `pattern` captures, as soon as it is said. */
  async says(pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    return until(
      `the command says ${String(pattern)}`,
      () => {
        const found = pattern.exec(this.#output);
        if (found !== null) return found[1] ?? found[0];
        if (this.process.exitCode !== null) throw new Error(`it ended: ${this.#output}`);
        return undefined;
      },
      timeoutMs,
    );
  }

  /** Its exit code; `null` if a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, "exit");
    return this.process.exitCode;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.process.kill(signal);
    return this.ended();
  }
}
