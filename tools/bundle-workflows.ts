/**
 * Bundles the compiled workflows into `dist/workflow-bundle.js`, which a worker loads instead of bundling at every start.
 * Runs after `tsc`.
 *
 * Usage: node --import tsx tools/bundle-workflows.ts
 */
import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";

const workflowsPath = fileURLToPath(new URL("../dist/workflows/index.js", import.meta.url));
const bundlePath = fileURLToPath(new URL("../dist/workflow-bundle.js", import.meta.url));

if (!existsSync(workflowsPath)) throw new Error("dist/workflows is missing: run `tsc -p tsconfig.build.json` first");
const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger("WARN") });
// A worker that starts meanwhile must not read half of it.
await writeFile(`${bundlePath}.new`, code);
await rename(`${bundlePath}.new`, bundlePath);
