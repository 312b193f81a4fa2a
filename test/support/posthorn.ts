/** Posthorn as its users run it: a process of the command line on real servers. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { keyEntry } from "./key-ring.js";
import { mongoUriForTests } from "./mongo.js";
import { newNamespace } from "./namespace.js";
import { until } from "./until.js";

export const ADMIN_KEY = "test-admin-key-of-this-installation";
const SOURCES = ["--import", "tsx", fileURLToPath(new URL("../../runtime/cli/main.ts", import.meta.url))];

const logLine = z.looseObject({ msg: z.string() });
export type LogLine = z.infer<typeof logLine>;

/** One installation: a database and a namespace that its processes share. */
export interface Installation {
  env: Record<string, string>;
}

export async function newInstallation(): Promise<Installation> {
  const [{ uri }, temporal] = await Promise.all([mongoUriForTests(), newNamespace()]);
  return installationOn({ mongodbUri: uri, temporalAddress: temporal.address, namespace: temporal.namespace });
}

/** An installation on servers that the test has for itself. */
export function installationOn(servers: {
  mongodbUri: string;
  temporalAddress: string;
  namespace: string;
}): Installation {
  const database = new URL(servers.mongodbUri);
  database.pathname = `/posthorn_${randomBytes(6).toString("hex")}`;
  return {
    env: {
      MONGODB_URI: database.href,
      TEMPORAL_ADDRESS: servers.temporalAddress,
      TEMPORAL_NAMESPACE: servers.namespace,
      POSTHORN_ADMIN_KEY: ADMIN_KEY,
      POSTHORN_ENCRYPTION_KEYS: keyEntry("test"),
      POSTHORN_EGRESS_ALLOW: "127.0.0.0/8",
      POSTHORN_PORT: "0",
    },
  };
}

export class Posthorn {
  private constructor(
    readonly url: string,
    readonly process: ChildProcess,
    readonly log: readonly LogLine[],
    /** Every line that it wrote to either stream, as it came. */
    readonly output: readonly string[],
  ) {}

  /** Starts a process of an installation and resolves when it is ready. `program`: what Node runs; default: the sources. */
  static async start(
    installation: Installation,
    options: { role?: string; env?: Record<string, string>; program?: readonly string[] } = {},
  ): Promise<Posthorn> {
    const { role = "all", program = SOURCES } = options;
    const child = spawn(process.execPath, [...program, "start", "--role", role], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...installation.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log: LogLine[] = [];
    const other: string[] = [];
    const output: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      output.push(line);
      const parsed = logLine.safeParse(parseJson(line));
      if (parsed.success) log.push(parsed.data);
      else other.push(line);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      output.push(line);
      other.push(line);
    });
    const url = await until(
      "Posthorn has started",
      () => {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${other.join("\n")}`);
        const started = log.find((it) => it.msg === "posthorn.started");
        return typeof started?.url === "string" ? started.url : undefined;
      },
      60_000,
    ).catch((error: unknown) => {
      child.kill("SIGKILL");
      throw new Error(`Posthorn did not start:\n${other.join("\n")}\n${JSON.stringify(log.slice(-5))}`, {
        cause: error,
      });
    });
    await until("Posthorn is ready", async () => (await fetch(`${url}/readyz`)).ok, 60_000);
    return new Posthorn(url, child, log, output);
  }

  /** One call of the REST API with the admin key. `body` is what came back, for the test to look into. */
  async call<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    key: string | null = ADMIN_KEY,
  ): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === "" ? null : JSON.parse(text)) as Body }; // tests know what they asked for
  }

  /** The same, where anything but success is the test's failure. */
  async ok<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.call<Body>(method, path, body);
    if (answer.status >= 300) {
      const cause = answer.status === 500 ? `\n${JSON.stringify(this.log.slice(-3))}` : "";
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}${cause}`);
    }
    return answer.body;
  }

  /** A regular end. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** The end that nobody can prepare for. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill(signal);
    await ended;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
