/** People run the compiled JavaScript, so that is what is measured. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const BUILD_MS_MAX = 300_000;
const run = promisify(execFile);

/** The folder `dist` to measure: the given one, or this checkout's, built now. @throws Error with the compiler's words */
export async function buildOrTake(root: string, dist: string | null, report: (line: string) => void): Promise<string> {
  const folder = dist === null ? join(root, "dist") : resolve(dist);
  if (dist === null) {
    report("building this checkout");
    await run("npm", ["run", "build"], { cwd: root, timeout: BUILD_MS_MAX }).catch((error: unknown) => {
      const said = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
      throw new Error(`npm run build failed:\n${said.slice(-3_000)}`, { cause: error });
    });
  }
  for (const file of [join("runtime", "cli", "main.js"), "workflow-bundle.js"]) {
    if (!existsSync(join(folder, file))) throw new Error(`${folder} is no build of Posthorn: ${file} is not in it`);
  }
  return folder;
}
