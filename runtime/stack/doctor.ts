import { execFile } from "node:child_process";
import { promisify, stripVTControlCharacters } from "node:util";
import { cachedFolder } from "./cache.js";
import { findJava } from "./maven.js";
import { standInCacheName } from "./mongo-standin-source.js";
import { cachedMongod } from "./mongod-download.js";
import { reasonOf } from "./stack-error.js";
import { temporalCacheNames } from "./temporal-source.js";
import { timeSkippingCacheNames } from "./time-skipping-source.js";
import { findOnPath } from "./which.js";

/** One way to get a server, and what was found about it. */
export interface SourceReport {
  server: "temporal" | "mongodb" | "timeSkipping";
  /** In the order in which they are tried. */
  source: string;
  available: boolean;
  /** A path, a version, or what is missing. */
  detail: string;
}

const run = promisify(execFile);

/** Looks at everything that could give us a server, in the order in which it would be tried. Provisions nothing. */
export async function describeSources(options: {
  cacheDir: string;
  temporalAddress?: string | undefined;
  mongodbUri?: string | undefined;
}): Promise<SourceReport[]> {
  const { cacheDir } = options;
  const [temporal, mongod, go, java, maven] = await Promise.all([
    pathAndVersion("temporal", ["--version"]),
    pathAndVersion("mongod", ["--version"]),
    pathAndVersion("go", ["version"]),
    findJava(),
    pathAndVersion("mvn", ["-version"]),
  ]);
  const temporalNames = await temporalCacheNames();
  const skipNames = await timeSkippingCacheNames();
  const javaDetail = java === undefined ? "java is not on the search path" : `Java ${java.major} (${java.path})`;
  const javaTools = {
    available: (java?.major ?? 0) >= 17 && maven.available,
    detail: `${javaDetail}; ${maven.detail}`,
  };
  const given = (value: string | undefined, variable: string) => ({
    available: value !== undefined,
    detail: value === undefined ? `${variable} is not set` : `${variable} is set`,
  });
  const cached = (name: string) => {
    const folder = cachedFolder(cacheDir, name);
    return { available: folder !== undefined, detail: folder ?? `nothing in ${cacheDir}` };
  };
  const mongodPath = await cachedMongod(cacheDir).catch((error: unknown) => reasonOf(error));
  return [
    { server: "temporal", source: "given", ...given(options.temporalAddress, "TEMPORAL_ADDRESS") },
    { server: "temporal", source: "search path", ...temporal },
    { server: "temporal", source: "cached download", ...cached(temporalNames.downloaded) },
    { server: "temporal", source: "cached Go build", ...cached(temporalNames.built) },
    { server: "temporal", source: "Go", ...go },
    { server: "mongodb", source: "given", ...given(options.mongodbUri, "MONGODB_URI") },
    { server: "mongodb", source: "search path", ...mongod },
    {
      server: "mongodb",
      source: "cached download",
      available: mongodPath !== undefined,
      detail: mongodPath ?? `nothing in ${cacheDir}`,
    },
    { server: "mongodb", source: "cached stand-in", ...cached(await standInCacheName()) },
    { server: "mongodb", source: "Java and Maven", ...javaTools },
    { server: "timeSkipping", source: "cached download", ...cached(skipNames.downloaded) },
    { server: "timeSkipping", source: "cached Maven build", ...cached(skipNames.built) },
    { server: "timeSkipping", source: "Java and Maven", ...javaTools },
  ];
}

async function pathAndVersion(name: string, args: string[]): Promise<{ available: boolean; detail: string }> {
  const path = await findOnPath(name);
  if (path === undefined) return { available: false, detail: `${name} is not on the search path` };
  try {
    const { stdout } = await run(path, args, { timeout: 10_000 });
    // Maven colours its first line even when nobody looks
    const version = stripVTControlCharacters(stdout.split("\n")[0] ?? name).trim();
    return { available: true, detail: `${version} (${path})` };
  } catch (error) {
    return { available: false, detail: `${path} does not run: ${reasonOf(error)}` };
  }
}
