import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { StackError } from "./stack-error.js";

/** Everything the stack starts listens here and nowhere else. */
export const LOOPBACK = "127.0.0.1";

/** A port of this machine and the setting that chose it; port 0 means "any free one". */
export interface PortSetting {
  port: number;
  setting: string;
}

/**
 * Resolves to a port that was free a moment ago: the one asked for, or for port 0 one that the system picked.
 *
 * @throws StackError that names the port, the setting and, where it can be told, who holds it. With `patienceMs` it waits
 * that long first: the servers of a killed process need a moment to go.
 */
export async function claimPort({ port, setting }: PortSetting, patienceMs = 0): Promise<number> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const free = await tryListen(port);
    if (free !== undefined) return free;
    if (Date.now() >= deadline) throw await portTaken({ port, setting });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The error for a port that somebody else holds. */
export async function portTaken({ port, setting }: PortSetting): Promise<StackError> {
  const holder = await whoListens(port);
  return new StackError(
    `port ${port} on ${LOOPBACK} is taken${holder === undefined ? "" : ` by ${holder}`}: ` +
      `stop what uses it, or choose another port with ${setting}`,
  );
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(new StackError(`cannot listen on ${LOOPBACK}:${port}: ${error.message}`));
    });
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

const run = promisify(execFile);

/** Best effort, by the tools that most machines have; undefined when neither is there or neither may look. */
async function whoListens(port: number): Promise<string | undefined> {
  const lsof = await outputOf("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]);
  const [pid, command] = [/^p(\d+)$/m.exec(lsof)?.[1], /^c(.+)$/m.exec(lsof)?.[1]];
  if (pid !== undefined && command !== undefined) return `${command} (pid ${pid})`;
  const ss = await outputOf("ss", ["-Hltnp", `sport = :${port}`]);
  const match = /\("([^"]+)",pid=(\d+)/.exec(ss);
  return match === null ? undefined : `${match[1] ?? "a process"} (pid ${match[2] ?? "?"})`;
}

async function outputOf(command: string, args: string[]): Promise<string> {
  try {
    return (await run(command, args, { timeout: 2000 })).stdout;
  } catch {
    return "";
  }
}
