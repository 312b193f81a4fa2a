/** `npm run soak`: half of the receivers are hostile, and the other half must not notice. Ends with 1 if a bound is broken. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.js";
import { defaultCacheDir, startStack } from "../../runtime/stack/index.js";
import { installationOn } from "../support/posthorn.js";
import { readOptions } from "./options.js";
import type { SoakOptions } from "./options.js";
import { describe } from "./report.js";
import type { SoakResult } from "./result.js";
import { runSoak } from "./run.js";
import { judge } from "./verdict.js";

/** People run the compiled JavaScript; a compiler in the process would be most of its memory. */
const PROGRAM = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

const say = (line: string) => process.stdout.write(`${line}\n`);

/** On servers of its own, with data that is thrown away. */
async function soak(options: SoakOptions, signal: AbortSignal): Promise<SoakResult> {
  const dataDir = await mkdtemp(join(tmpdir(), "posthorn-soak-"));
  try {
    const stack = await startStack({
      dataDir,
      cacheDir: process.env["POSTHORN_CACHE_DIR"] ?? defaultCacheDir(),
      temporalPort: 0,
      mongodbPort: 0,
      headless: true,
      searchAttributes: [...SEARCH_ATTRIBUTES],
      report: (line) => say(`· ${line}`),
    });
    try {
      const { mongodbUri, temporalAddress } = stack;
      const installation = installationOn({ mongodbUri, temporalAddress, namespace: "default" });
      return await runSoak({ options, installation, program: [PROGRAM], say: (line) => say(`· ${line}`), signal });
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

const read = readOptions(process.argv.slice(2));
if (!read.ok) {
  say(read.message);
  process.exit(2);
}
const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
const result = await soak(read.options, abort.signal);
const verdict = judge(result);
say(`\n${describe(result, verdict)}`);
if (read.out !== null) await writeFile(read.out, JSON.stringify({ verdict, ...result }));
process.exitCode = verdict.broken.length === 0 && !abort.signal.aborted ? 0 : 1;
