import { startChild } from "./child.js";
import type { Child, ChildExit, ChildOptions } from "./child.js";
import { rotateLog, sizeOf, tailSince } from "./log-file.js";
import type { Report } from "./report.js";
import { reasonOf, StackError } from "./stack-error.js";

/** What an owner hears about a server that ended without being asked to. */
export interface UnexpectedExit extends ChildExit {
  /** `Temporal` or `MongoDB`. */
  server: string;
}

export interface ManagedOptions {
  /** As it appears in lines and errors. */
  name: string;
  child: ChildOptions;
  /** Resolves to true once the server does its work; asked again until it does. Should not take longer than a few seconds. */
  isReady: () => Promise<boolean>;
  readyTimeoutMs: number;
  /** Bring it back when it ends without being asked to. */
  restart: boolean;
  report: Report;
  onExit?: ((exit: UnexpectedExit) => void) | undefined;
  /** Turns the log of a failed start into a better error, if it can. */
  explain?: (log: string) => Promise<Error | undefined>;
}

const READY_STEP_MS = 50;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 15_000;
/** A server that ran this long has earned a fresh backoff. */
const HEALTHY_AFTER_MS = 60_000;

/** One server process over all its lives: started, found ready, restarted when it dies, stopped. */
export class ManagedServer {
  private child: Child | undefined;
  private wanted = false;
  private ready: Promise<void> = Promise.resolve();
  private backoffMs = FIRST_BACKOFF_MS;
  private cancelRestart: () => void = () => undefined;

  constructor(private readonly options: ManagedOptions) {}

  /** Of the server itself; undefined while it is not running. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it and resolves when it is ready. @throws StackError with the end of its log when it does not get there. */
  start(): Promise<void> {
    if (this.wanted && this.child !== undefined) return this.ready;
    this.cancelRestart();
    this.wanted = true;
    this.ready = this.launch();
    return this.ready;
  }

  /** Resolves when the current life, or the one that is being started, is ready. */
  async started(): Promise<void> {
    await this.ready;
  }

  /** Sends a signal to the server itself and resolves when it has ended. For fault tests: it counts as unexpected. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.child;
    if (child === undefined) return;
    child.kill(signal);
    await child.exited;
  }

  /** Stops it in an orderly way and starts it again; resolves when it is ready. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Stops it and resolves when it is gone. Does nothing when it is not running. */
  async stop(): Promise<void> {
    this.wanted = false;
    this.cancelRestart();
    const child = this.child;
    this.child = undefined;
    await child?.stop();
  }

  private async launch(): Promise<void> {
    const { child: childOptions, name, explain } = this.options;
    await rotateLog(childOptions.logFile);
    const logStart = await sizeOf(childOptions.logFile);
    const child = await startChild(childOptions);
    if (!this.wanted) {
      await child.stop();
      throw new StackError(`${name} was stopped while it was starting`);
    }
    this.child = child;
    const launchedAt = Date.now();
    const failed = await this.waitUntilReady(child);
    if (failed === undefined) {
      void child.exited.then((exit) => this.ended(child, exit, launchedAt));
      return;
    }
    if (this.child === child) this.child = undefined;
    await child.stop();
    const log = await tailSince(childOptions.logFile, logStart);
    const better = await explain?.(log);
    const shown =
      log === "" ? `see ${childOptions.logFile}` : `the end of ${childOptions.logFile}:\n${log.slice(-1500)}`;
    throw better ?? new StackError(`${name} did not start: ${failed}; ${shown}`);
  }

  /** Undefined once it is ready, else why it will not be. */
  private async waitUntilReady(child: Child): Promise<string | undefined> {
    let exit: ChildExit | undefined;
    void child.exited.then((how) => (exit = how));
    const ended = () => exit;
    const deadline = Date.now() + this.options.readyTimeoutMs;
    while (Date.now() < deadline) {
      if (await Promise.race([this.options.isReady(), child.exited.then(() => false)])) return undefined;
      const how = ended();
      if (how !== undefined) return `it ended with ${describeExit(how)}`;
      await new Promise((resolve) => setTimeout(resolve, READY_STEP_MS));
    }
    return `it was not ready after ${Math.round(this.options.readyTimeoutMs / 1000)} s`;
  }

  private ended(child: Child, exit: ChildExit, launchedAt: number): void {
    if (this.child !== child || !this.wanted) return;
    this.child = undefined;
    const { name, report, restart, onExit } = this.options;
    onExit?.({ server: name, ...exit });
    if (!restart) {
      report(`${name} ended unexpectedly with ${describeExit(exit)}`);
      return;
    }
    if (Date.now() - launchedAt > HEALTHY_AFTER_MS) this.backoffMs = FIRST_BACKOFF_MS;
    report(`${name} ended unexpectedly with ${describeExit(exit)}: starting it again in ${this.backoffMs} ms`);
    this.startLater();
  }

  private startLater(): void {
    const { name, report } = this.options;
    this.ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.launch().then(resolve, reject);
      }, this.backoffMs);
      this.cancelRestart = () => {
        clearTimeout(timer);
        reject(new StackError(`${name} was stopped`));
      };
    });
    this.backoffMs = Math.min(this.backoffMs * 2, LONGEST_BACKOFF_MS);
    this.ready.then(
      () => report(`${name} is back`),
      (error: unknown) => {
        if (!this.wanted) return;
        report(`${reasonOf(error)}; trying again in ${this.backoffMs} ms`);
        this.startLater();
      },
    );
  }
}

function describeExit({ code, signal }: ChildExit): string {
  return signal === undefined ? `exit code ${code ?? "unknown"}` : signal;
}
