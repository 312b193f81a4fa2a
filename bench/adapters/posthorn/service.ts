/** The processes of Posthorn: built JavaScript, as `posthorn start` runs it. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { startChild } from "../../../runtime/stack/child.js";
import type { Child } from "../../../runtime/stack/child.js";
import { claimPort } from "../../../runtime/stack/ports.js";
import type { Cleanup } from "../../cleanup.js";
import { waitFor } from "../../wait.js";
import type { PosthornApi } from "../posthorn-api.js";
import { problemsIn, tailOf } from "./log.js";
import { queueDepth } from "./metrics.js";
import type { Servers } from "./servers.js";
import { versionOf } from "./version.js";

const READY_MS_MAX = 60_000;
/** A process drains for up to 20 s, and then writes its profile. */
const GRACE_MS = 27_000;

/** The embedded Temporal takes search attributes of this many events, see `POSTHORN_BATCH_MAX`. */
const DEFAULTS = { POSTHORN_BATCH_MAX: "200" };

type Role = "all" | "api" | "worker";

export interface ServiceOptions {
  dist: string;
  /** Of its processes; the first takes requests. */
  roles: readonly Role[];
  servers: Servers;
  dataDir: string;
  settings: Readonly<Record<string, string>>;
  profileDir: string | null;
  cleanup: Cleanup;
}

export interface Service {
  api: PosthornApi;
  pids: readonly number[];
  version: string;
  /** Whether a workflow was started for everything that was accepted, in time. */
  dispatched(timeoutMs: number): Promise<boolean>;
  problems(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** Starts the processes one after the other and resolves when all are ready. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { dist, roles, settings, cleanup } = options;
  const key = randomBytes(24).toString("base64url");
  const env = { ...environment(options.servers, key), ...settings };
  const children: Running[] = [];
  for (const role of roles) children.push(await startOne(options, env, { role, number: children.length + 1 }));
  const [first] = children;
  if (first === undefined) throw new Error("there is at least one process");
  const stop = cleanup.add("Posthorn", async () => {
    await Promise.all(children.map(({ stop: end }) => end()));
  });
  return {
    api: { url: first.url, key },
    pids: children.map(({ child }) => child.pid),
    version: await versionOf(dist),
    dispatched: (timeoutMs) => waitFor(async () => (await queueDepth(first.url)) === 0, { timeoutMs }),
    problems: () => problemsIn(children.map(({ logFile }) => logFile)),
    stop,
  };
}

interface Running {
  child: Child;
  url: string;
  logFile: string;
  stop: () => Promise<void>;
}

async function startOne(
  options: ServiceOptions,
  env: NodeJS.ProcessEnv,
  { role, number }: { role: Role; number: number },
): Promise<Running> {
  const { dist, dataDir, profileDir, cleanup } = options;
  const port = await claimPort({ port: 0, setting: "none" });
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(dataDir, `posthorn-${number}.log`);
  const profile = profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const child = await startChild({
    command: process.execPath,
    args: [...profile, join(dist, "runtime", "cli", "main.js"), "start", "--role", role],
    env: { ...env, POSTHORN_PORT: String(port) },
    logFile,
    graceMs: GRACE_MS,
    endsWithUs: "guard",
  });
  const stop = cleanup.add(`Posthorn's process ${number}`, async () => {
    await child.stop();
  });
  const ended = child.exited.then(() => true);
  const ready = waitFor(async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok, {
    timeoutMs: READY_MS_MAX,
  });
  if (!(await Promise.race([ready, ended.then(() => false)]))) {
    throw new Error(`Posthorn did not become ready; the end of its log:\n${await tailOf(logFile)}`);
  }
  return { child, url, logFile, stop };
}

/** Settings of the person who runs the benchmark are not its settings. */
function environment(servers: Servers, key: string): NodeJS.ProcessEnv {
  const inherited = Object.keys(process.env).filter((name) => name.startsWith("POSTHORN_"));
  return {
    ...Object.fromEntries(inherited.map((name) => [name, undefined])),
    ...DEFAULTS,
    MONGODB_URI: servers.mongodbUri,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    TEMPORAL_NAMESPACE: "default",
    POSTHORN_ADMIN_KEY: key,
    POSTHORN_ENCRYPTION_KEYS: `bench:${randomBytes(32).toString("base64")}`,
    POSTHORN_EGRESS_ALLOW: "127.0.0.0/8",
    NODE_ENV: "production",
  };
}
