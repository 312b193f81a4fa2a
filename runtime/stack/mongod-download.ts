import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { get } from "./download.js";
import { withProgress } from "./report.js";
import type { Report } from "./report.js";
import { StackError } from "./stack-error.js";

/** The release of the real server that is downloaded where that is possible. */
export const MONGOD_VERSION = "8.2.6";

const DOWNLOAD_HOST = "https://fastdl.mongodb.org/";
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

/** Where mongodb-memory-server keeps what it downloaded for us. */
function mongodFolder(cacheDir: string): string {
  return join(cacheDir, "mongod");
}

/** The path of a `mongod` that was downloaded earlier, or undefined. Downloads nothing. */
export async function cachedMongod(cacheDir: string): Promise<string | undefined> {
  const { DryMongoBinary } = await import("mongodb-memory-server-core");
  const options = await DryMongoBinary.generateOptions({
    version: MONGOD_VERSION,
    downloadDir: mongodFolder(cacheDir),
  });
  // a folder that was asked for wins over the user's other caches only if it has the file
  return DryMongoBinary.locateBinary(options);
}

/**
 * Downloads a real `mongod` into the cache (its own lock makes that safe between processes) and returns its path.
 *
 * @throws StackError within seconds if MongoDB's download site is out of reach; Error if the download itself fails.
 */
export async function downloadMongod(cacheDir: string, report: Report): Promise<string> {
  // the library waits and retries by itself; ask first, with our own short patience
  await get(DOWNLOAD_HOST, "HEAD");
  // without this the library does not check the site's certificate
  process.env["npm_config_strict_ssl"] ??= "true";
  const { MongoBinary } = await import("mongodb-memory-server-core");
  const downloadDir = mongodFolder(cacheDir);
  await mkdir(downloadDir, { recursive: true });
  return withProgress(report, `downloading MongoDB ${MONGOD_VERSION}`, async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new StackError("the download took too long")), DOWNLOAD_TIMEOUT_MS);
    });
    try {
      return await Promise.race([MongoBinary.getPath({ version: MONGOD_VERSION, downloadDir, checkMD5: true }), late]);
    } finally {
      clearTimeout(timer);
    }
  });
}
