/** One Temporal and one MongoDB for the whole run, from the same code as `npm start`, with data that is thrown away. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.js";
import { readConfig } from "../../runtime/config.js";
import { provisionTimeSkippingServer, startStack } from "../../runtime/stack/index.js";
import type {} from "./provided-context.js";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const read = readConfig(process.env);
  if (!read.ok) throw new Error(read.problems.join("\n"));
  const report = (line: string) => process.stdout.write(`· ${line}\n`);
  // Made here, where nothing is timed: on a new machine this takes minutes. Tests find it in the cache.
  await provisionTimeSkippingServer({ cacheDir: read.config.POSTHORN_CACHE_DIR, report });
  const dataDir = await mkdtemp(join(tmpdir(), "posthorn-test-"));
  const stack = await startStack({
    dataDir,
    cacheDir: read.config.POSTHORN_CACHE_DIR,
    temporalPort: 0,
    mongodbPort: 0,
    headless: true,
    temporalAddress: read.config.TEMPORAL_ADDRESS ?? undefined,
    mongodbUri: read.config.MONGODB_URI ?? undefined,
    searchAttributes: [...SEARCH_ATTRIBUTES],
    report,
  });
  project.provide("mongodbUri", stack.mongodbUri);
  project.provide("temporalAddress", stack.temporalAddress);
  return async () => {
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
