/** The run's own helper processes, the load and the receiver: they end with the run, however that ends. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const GRACE_MS = 2_000;

export interface HelperProcess {
  pid: number;
  /** The next message that `read` accepts. @throws Error if the process ends first, or after `timeoutMs` */
  next<T>(read: (message: unknown) => T | undefined, timeoutMs: number): Promise<T>;
  send(message: object): void;
  stop(): Promise<void>;
}

/** Starts a file of this folder. It must end when its IPC channel closes. */
export function startHelper(file: string, args: readonly string[]): HelperProcess {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
    execArgv: ["--import", "tsx"],
    serialization: "advanced",
    // Ctrl-C reaches the run only, which ends its helpers in its own order.
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return {
    pid: child.pid ?? -1,
    next: (read, timeoutMs) => nextMessage(child, file, read, timeoutMs),
    send: (message) => void child.send(message),
    stop: () => stop(child),
  };
}

function nextMessage<T>(
  child: ChildProcess,
  file: string,
  read: (message: unknown) => T | undefined,
  timeoutMs: number,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      child.off("message", heard).off("exit", ended);
      how();
    };
    const heard = (message: unknown): void => {
      const value = read(message);
      if (value !== undefined) settle(() => resolve(value));
    };
    const ended = (): void => settle(() => reject(new Error(`${file} ended`)));
    const timer = setTimeout(
      () => settle(() => reject(new Error(`${file} said nothing in ${timeoutMs} ms`))),
      timeoutMs,
    );
    child.on("message", heard).once("exit", ended);
    if (child.exitCode !== null || child.signalCode !== null) ended();
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await ended;
  clearTimeout(timer);
}
