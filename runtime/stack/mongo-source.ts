import { cachedFolder } from "./cache.js";
import { provisionStandIn, standInCacheName } from "./mongo-standin-source.js";
import type { StandInProgram } from "./mongo-standin-source.js";
import { cachedMongod, downloadMongod, MONGOD_VERSION } from "./mongod-download.js";
import type { Report } from "./report.js";
import { reasonOf, StackError } from "./stack-error.js";
import { findOnPath } from "./which.js";

/** What will serve MongoDB's protocol, and where it came from in a few words. */
export type MongoProgram =
  { kind: "mongod"; path: string; description: string } | ({ kind: "standIn"; description: string } & StandInProgram);

export interface MongoSourceOptions {
  cacheDir: string;
  report: Report;
  /** The kind that wrote the data which is there already: neither can read the other's, so no other kind will do. */
  keep?: MongoProgram["kind"] | undefined;
}

/**
 * Finds or makes a server for MongoDB's protocol: `mongod` on the search path, one that was downloaded, the stand-in if it was
 * built before, a download, or the stand-in built with Maven.
 *
 * @throws StackError that lists what was tried, what answered and how to get a server.
 */
export async function provisionMongo(options: MongoSourceOptions): Promise<MongoProgram> {
  const { cacheDir, report, keep } = options;
  if (keep === "standIn") {
    report("MongoDB: the data that is there was written by the stand-in, which therefore goes on");
    return standIn(options);
  }
  const onPath = await findOnPath("mongod");
  if (onPath !== undefined)
    return { kind: "mongod", path: onPath, description: `mongod on the search path (${onPath})` };
  const cached = await cachedMongod(cacheDir);
  if (cached !== undefined) return downloaded(cached);
  const standInAllowed = keep === undefined;
  if (standInAllowed && cachedFolder(cacheDir, await standInCacheName()) !== undefined) return standIn(options);

  const tried = ["mongod is not on the search path"];
  try {
    return downloaded(await downloadMongod(cacheDir, report));
  } catch (error) {
    tried.push(`download: ${reasonOf(error)}`);
    report(`MongoDB: no download (${reasonOf(error)}); next choice: the stand-in, built with Maven`);
  }
  if (standInAllowed) {
    try {
      return await standIn(options);
    } catch (error) {
      tried.push(`stand-in: ${error instanceof Error ? error.message : reasonOf(error)}`);
    }
  } else {
    tried.push("stand-in: not possible, the data folder was written by a real MongoDB");
  }
  throw new StackError(
    [
      "no MongoDB server could be found or made:",
      ...tried.map((line) => `  - ${line}`),
      "  any one of these helps: point MONGODB_URI at a running server;",
      "  install MongoDB 6 or later (https://www.mongodb.com/docs/manual/installation/) so that `mongod` is on the search path;",
      "  install Java 17 or later and Maven with access to a Maven repository",
    ].join("\n"),
  );
}

async function standIn(options: MongoSourceOptions): Promise<MongoProgram> {
  const program = await provisionStandIn(options);
  return { kind: "standIn", description: "a stand-in for MongoDB (mongo-java-server 1.47.0 on Java)", ...program };
}

function downloaded(path: string): MongoProgram {
  return { kind: "mongod", path, description: `MongoDB ${MONGOD_VERSION}, downloaded` };
}
