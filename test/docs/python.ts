/** Python with packages at pinned versions, in the cache that servers are kept in; made once. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { defaultCacheDir, hashOfFiles, provision } from "../../runtime/stack/cache.js";
import { runTool } from "../../runtime/stack/run-tool.js";
import { reasonOf, StackError } from "../../runtime/stack/stack-error.js";

/** The interpreter to run, or why there is none on this machine. */
export type Python = { ok: true; command: string } | { ok: false; reason: string };

const MAKE_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 180_000;
const PIP = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1"];

interface Interpreter {
  version: string;
  /** Where it is, whatever its name on the search path is. */
  prefix: string;
}

/** The machine's own `python3`, with nothing but its standard library. */
export async function plainPython(): Promise<Python> {
  return (await interpreter()) === null ? NO_PYTHON : { ok: true, command: "python3" };
}

/** A `python3` of its own with `requirements`, such as `svix==2.9.1`; the first of them names it. */
export async function pythonWith(requirements: readonly [string, ...string[]]): Promise<Python> {
  const found = await interpreter();
  if (found === null) return NO_PYTHON;
  const hash = await hashOfFiles([], found.prefix, ...requirements);
  try {
    const folder = await provision({
      cacheDir: defaultCacheDir(),
      name: `python-${found.version}-${requirements[0].replace("==", "-")}-${hash}`,
      report: (line) => process.stdout.write(`${line}\n`),
      build: async (unfinished) => {
        await runTool({ command: "python3", args: ["-m", "venv", unfinished], timeoutMs: MAKE_TIMEOUT_MS });
        const args = [...PIP, ...requirements];
        await runTool({ command: commandIn(unfinished), args, timeoutMs: INSTALL_TIMEOUT_MS });
      },
    });
    return { ok: true, command: commandIn(folder) };
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    return { ok: false, reason: `${requirements.join(", ")} cannot be installed: ${reasonOf(error)}` };
  }
}

const NO_PYTHON: Python = { ok: false, reason: "there is no python3 on the search path" };

/** Scripts beside it name the folder that it was made in; the interpreter itself finds its packages anywhere. */
function commandIn(folder: string): string {
  return path.join(folder, "bin", "python");
}

async function interpreter(): Promise<Interpreter | null> {
  const code = "import platform, sys; print(platform.python_version(), sys.base_prefix)";
  try {
    const { stdout } = await promisify(execFile)("python3", ["-c", code], { timeout: MAKE_TIMEOUT_MS });
    const [version, prefix] = stdout.trim().split(" ");
    return version === undefined || prefix === undefined ? null : { version, prefix };
  } catch {
    return null;
  }
}
