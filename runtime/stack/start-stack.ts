import { resolve } from "node:path";
import { defaultCacheDir } from "./cache.js";
import { lockDataDir } from "./data-dir.js";
import { claimMongoPort, startMongo } from "./mongo-server.js";
import type { MongoOptions, MongoServer } from "./mongo-server.js";
import type { Report } from "./report.js";
import { StackError } from "./stack-error.js";
import { claimTemporalPort, claimTemporalUiPort, startTemporal } from "./temporal-server.js";
import type { TemporalOptions, TemporalServer } from "./temporal-server.js";

export interface StackOptions {
  /** Keeps everything: databases and logs. A second start continues with it. */
  dataDir: string;
  /** Default: `defaultCacheDir()`. */
  cacheDir?: string | undefined;
  /** Default 7233; 0 picks a free one. */
  temporalPort?: number | undefined;
  /** Default 8233; 0 picks a free one. */
  temporalUiPort?: number | undefined;
  /** Default 27017; 0 picks a free one. */
  mongodbPort?: number | undefined;
  /** A Temporal server that runs already. */
  temporalAddress?: string | undefined;
  /** TLS and API key of that server. */
  temporalConnection?: TemporalOptions["connection"];
  /** Default `default`. */
  temporalNamespace?: string | undefined;
  /** A MongoDB server that runs already. */
  mongodbUri?: string | undefined;
  /** Asks the server of `mongodbUri`; rejects if it does not answer. */
  pingMongo?: MongoOptions["ping"];
  searchAttributes: TemporalOptions["searchAttributes"];
  report: Report;
  /** Of the Temporal server, into `temporal.log`. Default `warn`. */
  logLevel?: TemporalOptions["logLevel"];
  /** Bring back a server that dies. Default false. */
  restart?: boolean | undefined;
  /** Hears of every server that ended without being asked to. */
  onExit?: TemporalOptions["onExit"];
  /** No Web UI for Temporal. */
  headless?: boolean | undefined;
}

/** Both servers, ready for use. */
export interface Stack {
  mongodbUri: string;
  temporalAddress: string;
  temporalUiUrl: string | undefined;
  mongo: MongoServer;
  temporal: TemporalServer;
  /** Stops what was started here, Temporal first, and gives the data folder free. */
  stop(): Promise<void>;
}

/** How long the servers of a process that was killed may take to give their ports free. */
const TAKE_OVER_PATIENCE_MS = 20_000;

/**
 * Brings up Temporal and MongoDB, finding or making the servers first if need be (minutes, once a machine), and resolves
 * when both do their work. They end with this process, however it ends.
 *
 * @throws StackError with a message for people: folder in use, port taken, no server to be had, not ready in time.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  const lock = await lockDataDir(dataDir);
  try {
    const patienceMs = lock.takenOver ? TAKE_OVER_PATIENCE_MS : 0;
    return await startBoth({ ...options, ...(await claimPorts(options, patienceMs)), dataDir }, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

type ClaimedPorts = Pick<StackOptions, "mongodbPort" | "temporalPort" | "temporalUiPort">;

/** All of them before either server is looked for, which can take minutes. */
async function claimPorts(options: StackOptions, patienceMs: number): Promise<ClaimedPorts> {
  const ports: ClaimedPorts = {};
  if (options.mongodbUri === undefined) ports.mongodbPort = await claimMongoPort(options.mongodbPort, patienceMs);
  if (options.temporalAddress !== undefined) return ports;
  ports.temporalPort = await claimTemporalPort(options.temporalPort, patienceMs);
  if (options.headless !== true) ports.temporalUiPort = await claimTemporalUiPort(options.temporalUiPort, patienceMs);
  return ports;
}

async function startBoth(options: StackOptions, release: () => Promise<void>): Promise<Stack> {
  const { dataDir, report, restart, onExit, cacheDir = defaultCacheDir() } = options;
  const common = { dataDir, cacheDir, report, restart, onExit };
  const [mongo, temporal] = await Promise.allSettled([
    startMongo({ ...common, uri: options.mongodbUri, port: options.mongodbPort, ping: options.pingMongo }),
    startTemporal({
      ...common,
      address: options.temporalAddress,
      connection: options.temporalConnection,
      port: options.temporalPort,
      uiPort: options.temporalUiPort,
      headless: options.headless,
      namespace: options.temporalNamespace ?? "default",
      searchAttributes: options.searchAttributes,
      logLevel: options.logLevel,
    }),
  ]);
  const stop = async () => {
    if (temporal.status === "fulfilled") await temporal.value.stop();
    if (mongo.status === "fulfilled") await mongo.value.stop();
    await release();
  };
  if (mongo.status === "rejected" || temporal.status === "rejected") {
    await stop();
    // both may have failed: a person who has to fix both wants to know both
    const reasons = [mongo, temporal].flatMap((result) =>
      result.status === "rejected" ? [reasonText(result.reason)] : [],
    );
    throw new StackError(reasons.join("\n"));
  }
  return {
    mongodbUri: mongo.value.uri,
    temporalAddress: temporal.value.address,
    temporalUiUrl: temporal.value.uiUrl,
    mongo: mongo.value,
    temporal: temporal.value,
    stop,
  };
}

/** Of what was not made for people, with its place in the code. */
function reasonText(reason: unknown): string {
  if (reason instanceof StackError) return reason.message;
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
}
