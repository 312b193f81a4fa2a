import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BACKGROUND_NICENESS } from "../niceness.js";
import { ManagedServer } from "./managed-server.js";
import type { UnexpectedExit } from "./managed-server.js";
import { claimPort, LOOPBACK, portTaken } from "./ports.js";
import type { PortSetting } from "./ports.js";
import type { Report } from "./report.js";
import { ensureSearchAttributes, whyNotReady } from "./search-attributes.js";
import type { TemporalTarget } from "./search-attributes.js";
import { StackError } from "./stack-error.js";
import { temporalArguments } from "./temporal-flags.js";
import { provisionTemporal } from "./temporal-source.js";

export interface TemporalOptions extends Omit<TemporalTarget, "address"> {
  /** Holds the database file and the log. */
  dataDir: string;
  cacheDir: string;
  report: Report;
  /** A server that runs already: nothing is started. */
  address?: string | undefined;
  /** Default 7233; 0 picks a free one. */
  port?: number | undefined;
  /** Of the Web UI. Default 8233; 0 picks a free one. */
  uiPort?: number | undefined;
  /** No Web UI. */
  headless?: boolean | undefined;
  /** Default `warn`. */
  logLevel?: "debug" | "info" | "warn" | "error" | undefined;
  /** Bring it back when it dies. Default false. */
  restart?: boolean | undefined;
  onExit?: ((exit: UnexpectedExit) => void) | undefined;
  /** How long a taken port may take to become free before that is an error. Default 0. */
  portPatienceMs?: number | undefined;
}

/** A Temporal server that answers, with namespace and search attributes in place. */
export interface TemporalServer {
  address: string;
  /** Undefined for servers that were not started here and for headless ones. */
  uiUrl: string | undefined;
  /** Everything that it listens at and that speaks HTTP, if it was started here: nothing that a webhook may reach. */
  ports: readonly number[];
  /** What was taken, in a few words. */
  description: string;
  /** The process, if it was started here. */
  server: ManagedServer | undefined;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const EXTERNAL_TIMEOUT_MS = 15_000;
const GRACE_MS = 10_000;
/** Nobody chooses it, so no setting can be named where it is taken. */
const ANY_PORT: PortSetting = { port: 0, setting: "no setting" };

/**
 * Starts a Temporal dev server, or checks the one that was given, and resolves when it answers and knows the namespace and
 * the search attributes. The same data folder continues where it ended.
 *
 * @throws StackError: no server to be had, port taken, not ready in time.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  return options.address === undefined ? startOwn(options) : useExternal(options, options.address);
}

/** A free port for gRPC: the one asked for, 7233 by default, or any for 0. @throws StackError if it is taken. */
export function claimTemporalPort(port = 7233, patienceMs = 0): Promise<number> {
  return claimPort(portSetting(port), patienceMs);
}

/** A free port for the Web UI: the one asked for, 8233 by default, or any for 0. @throws StackError if it is taken. */
export function claimTemporalUiPort(port = 8233, patienceMs = 0): Promise<number> {
  return claimPort(uiPortSetting(port), patienceMs);
}

function portSetting(port: number): PortSetting {
  return { port, setting: "POSTHORN_TEMPORAL_PORT" };
}

function uiPortSetting(port: number): PortSetting {
  return { port, setting: "POSTHORN_TEMPORAL_UI_PORT" };
}

async function useExternal(options: TemporalOptions, address: string): Promise<TemporalServer> {
  const target = { ...options, address };
  const deadline = Date.now() + EXTERNAL_TIMEOUT_MS;
  for (;;) {
    const reason = await whyNotReady(target);
    if (reason === undefined) break;
    if (Date.now() > deadline) {
      throw new StackError(`Temporal at ${address} does not serve namespace ${options.namespace}: ${reason}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await ensureSearchAttributes(target, options.report);
  return {
    address,
    uiUrl: undefined,
    ports: [],
    description: `given (${address})`,
    server: undefined,
    stop: () => Promise.resolve(),
  };
}

async function startOwn(options: TemporalOptions): Promise<TemporalServer> {
  const { dataDir, report, headless = false, portPatienceMs = 0 } = options;
  // before anything that takes long: nobody wants to wait for a build to hear that a port is taken
  const port = await claimTemporalPort(options.port, portPatienceMs);
  const uiPort = headless ? undefined : await claimTemporalUiPort(options.uiPort, portPatienceMs);
  const program = await provisionTemporal(options);
  const [httpPort, metricsPort] = [await claimPort(ANY_PORT), await claimPort(ANY_PORT)];
  report(`Temporal: ${program.description}`);
  const address = `${LOOPBACK}:${port}`;
  const target = { ...options, address, connection: undefined };
  await mkdir(dataDir, { recursive: true });
  const flags = {
    ...options,
    ip: LOOPBACK,
    port,
    uiPort,
    httpPort,
    metricsPort,
    databaseFile: join(dataDir, "temporal.db"),
  };
  const server = new ManagedServer({
    name: "Temporal",
    child: {
      command: program.path,
      args: temporalArguments({ ...flags, logLevel: options.logLevel ?? "warn" }),
      logFile: join(dataDir, "temporal.log"),
      graceMs: GRACE_MS,
      endsWithUs: "guard",
      niceness: BACKGROUND_NICENESS,
    },
    isReady: async () => {
      if ((await whyNotReady(target)) !== undefined) return false;
      await ensureSearchAttributes(target, report);
      return true;
    },
    readyTimeoutMs: READY_TIMEOUT_MS,
    restart: options.restart ?? false,
    report,
    onExit: options.onExit,
    explain: async (log) => {
      if (!/address already in use|can't set (frontend|UI) port|port .* is already/i.test(log)) return undefined;
      return portTaken(/UI port/i.test(log) && uiPort !== undefined ? uiPortSetting(uiPort) : portSetting(port));
    },
  });
  await server.start();
  return {
    address,
    ports: [port, httpPort, metricsPort, ...(uiPort === undefined ? [] : [uiPort])],
    uiUrl: uiPort === undefined ? undefined : `http://${LOOPBACK}:${uiPort}`,
    description: program.description,
    server,
    stop: () => server.stop(),
  };
}
