/** A sample that runs: a receiver on a port of this machine. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { startReceiver } from "../support/receiver.js";
import { until } from "../support/until.js";

export interface SampleOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  port: number;
  env: Record<string, string>;
}

export class SampleProcess {
  #printed = "";
  #complained = "";

  private constructor(
    readonly url: string,
    readonly process: ChildProcess,
  ) {
    process.stdout?.on("data", (chunk: Buffer) => (this.#printed += chunk.toString("utf8")));
    process.stderr?.on("data", (chunk: Buffer) => (this.#complained += chunk.toString("utf8")));
  }

  /** Starts it and resolves when it answers. */
  static async start({ command, args, cwd, port, env }: SampleOptions): Promise<SampleProcess> {
    const child = spawn(command, args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const sample = new SampleProcess(`http://127.0.0.1:${port}/webhooks`, child);
    const started = until("the sample listens", async () => {
      if (child.exitCode !== null) return "ended";
      await fetch(sample.url);
      return "listening";
    });
    if ((await started.catch(() => "silent")) === "listening") return sample;
    await sample.stop();
    throw new Error(`the sample does not listen: ${sample.#complained}`);
  }

  /** Its lines on standard output so far. */
  get lines(): string[] {
    return this.#printed.split("\n").filter((it) => it !== "");
  }

  /** The first line that has `text`, as soon as it is printed. */
  async says(text: string): Promise<string> {
    try {
      return await until(`the sample says ${text}`, () => this.lines.find((line) => line.includes(text)));
    } catch (error) {
      throw new Error(`it said:\n${this.#printed}\n${this.#complained}`, { cause: error });
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = await startReceiver();
  await probe.close();
  return probe.port;
}
