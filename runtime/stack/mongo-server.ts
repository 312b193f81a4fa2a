import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ChildOptions } from "./child.js";
import { answersHello } from "./hello.js";
import { ManagedServer } from "./managed-server.js";
import type { UnexpectedExit } from "./managed-server.js";
import { provisionMongo } from "./mongo-source.js";
import type { MongoProgram } from "./mongo-source.js";
import { claimPort, LOOPBACK, portTaken } from "./ports.js";
import type { PortSetting } from "./ports.js";
import type { Report } from "./report.js";
import { reasonOf, StackError } from "./stack-error.js";

export interface MongoOptions {
  /** Holds the data in `mongodb/` or `mongodb-standin/`, and the log. */
  dataDir: string;
  cacheDir: string;
  report: Report;
  /** A server that runs already: nothing is started. */
  uri?: string | undefined;
  /** Default 27017; 0 picks a free one. */
  port?: number | undefined;
  /** Bring it back when it dies. Default false. */
  restart?: boolean | undefined;
  onExit?: ((exit: UnexpectedExit) => void) | undefined;
  /** Asks a server with the driver, which only `store` may use; rejects if it does not answer. Asked for given servers. */
  ping?: ((uri: string) => Promise<void>) | undefined;
  /** How long a taken port may take to become free before that is an error. Default 0. */
  portPatienceMs?: number | undefined;
}

/** A server that speaks MongoDB's protocol and accepts writes. */
export interface MongoServer {
  uri: string;
  /** What was taken, in a few words. */
  description: string;
  /** The process, if it was started here. */
  server: ManagedServer | undefined;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const EXTERNAL_TIMEOUT_MS = 15_000;
const HELLO_TIMEOUT_MS = 2000;
const GRACE_MS = 10_000;

/**
 * Starts a server for MongoDB's protocol, or checks the one that was given, and resolves when it accepts writes. The same
 * data folder continues where it ended.
 *
 * @throws StackError: no server to be had, port taken, not ready in time.
 */
export async function startMongo(options: MongoOptions): Promise<MongoServer> {
  return options.uri === undefined ? startOwn(options) : useExternal(options, options.uri);
}

/** A free port for MongoDB: the one asked for, 27017 by default, or any for 0. @throws StackError if it is taken. */
export function claimMongoPort(port = 27017, patienceMs = 0): Promise<number> {
  return claimPort(portSetting(port), patienceMs);
}

function portSetting(port: number): PortSetting {
  return { port, setting: "POSTHORN_MONGODB_PORT" };
}

async function useExternal({ ping }: MongoOptions, uri: string): Promise<MongoServer> {
  const shown = withoutPassword(uri);
  const deadline = Date.now() + EXTERNAL_TIMEOUT_MS;
  for (;;) {
    try {
      await ping?.(uri);
      return { uri, description: `given (${shown})`, server: undefined, stop: () => Promise.resolve() };
    } catch (error) {
      if (Date.now() > deadline) throw new StackError(`MongoDB at ${shown} does not answer: ${reasonOf(error)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function startOwn(options: MongoOptions): Promise<MongoServer> {
  const { dataDir, report } = options;
  // before anything that takes long: nobody wants to wait for a build to hear that a port is taken
  const port = await claimMongoPort(options.port, options.portPatienceMs);
  const program = await provisionMongo({ ...options, keep: writtenBy(dataDir) });
  report(`MongoDB: ${program.description}`);
  const server = new ManagedServer({
    name: "MongoDB",
    child: await childOptions(program, dataDir, port),
    isReady: () => answersHello(port, LOOPBACK, HELLO_TIMEOUT_MS),
    readyTimeoutMs: READY_TIMEOUT_MS,
    restart: options.restart ?? false,
    report,
    onExit: options.onExit,
    explain: async (log) => (/address already in use/i.test(log) ? portTaken(portSetting(port)) : undefined),
  });
  await server.start();
  const uri = `mongodb://${LOOPBACK}:${port}/posthorn?directConnection=true`;
  return { uri, description: program.description, server, stop: () => server.stop() };
}

/** Both keep their data apart: neither can read the other's. */
const DATA_FOLDERS: Record<MongoProgram["kind"], string> = { mongod: "mongodb", standIn: "mongodb-standin" };

/** What wrote the data that is there; undefined if there is none, or of both. */
function writtenBy(dataDir: string): MongoProgram["kind"] | undefined {
  const mongod = existsSync(join(dataDir, DATA_FOLDERS.mongod));
  const standIn = existsSync(join(dataDir, DATA_FOLDERS.standIn));
  if (mongod === standIn) return undefined;
  return mongod ? "mongod" : "standIn";
}

async function childOptions(program: MongoProgram, dataDir: string, port: number): Promise<ChildOptions> {
  const common = { logFile: join(dataDir, "mongodb.log"), graceMs: GRACE_MS };
  const folder = join(dataDir, DATA_FOLDERS[program.kind]);
  await mkdir(folder, { recursive: true });
  if (program.kind === "mongod") {
    const args = ["--dbpath", folder, "--port", String(port), "--bind_ip", LOOPBACK, "--quiet"];
    return { ...common, command: program.path, args, endsWithUs: "guard" };
  }
  // the optimising compiler would take more of two cores than it gives back
  const compiler = ["-XX:TieredStopAtLevel=1"];
  // every publisher waits when it stops: the serial collector stops for 100 ms at times, G1 for 10 ms about once a second. A
  // machine without ZGC has another one
  const collector = ["-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseZGC"];
  const memory = ["-Xms192m", "-Xmx768m", "-XX:+ExitOnOutOfMemoryError"];
  const jvm = [...compiler, ...collector, ...memory, "-Dfile.encoding=UTF-8"];
  const args = [...jvm, "-cp", join(program.libFolder, "*"), "posthorn.standin.StandIn", String(port), folder];
  return { ...common, command: program.java, args, endsWithUs: "stdin" };
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, "//***@");
}
