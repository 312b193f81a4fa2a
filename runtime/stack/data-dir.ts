import { execFile } from "node:child_process";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { StackError } from "./stack-error.js";

/** A data folder that belongs to this process until `release`. */
export interface DataDirLock {
  /** True when the last owner ended without releasing it: its servers may still be on their way out. */
  takenOver: boolean;
  release(): Promise<void>;
}

const run = promisify(execFile);
const ATTEMPTS = 5;

/**
 * Makes the folder and takes it for this process. The lock of a process that is gone is taken over at once.
 *
 * @throws StackError that names the process that has it.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, "posthorn.lock");
  const identity = `${process.pid} ${await birthOf(process.pid)}`;
  let takenOver = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await createExclusively(file, identity)) return { takenOver, release: () => rm(file, { force: true }) };
    const owner = await readOwner(file);
    if (owner !== undefined && (await isAlive(owner))) {
      throw new StackError(
        `${dataDir} is in use by process ${owner.pid}: stop that one first, or choose another folder with POSTHORN_DATA_DIR`,
      );
    }
    takenOver = true;
    await rm(file, { force: true });
  }
  throw new StackError(`${dataDir} cannot be locked: several processes start there at once`);
}

interface Owner {
  pid: number;
  birth: string;
}

async function createExclusively(file: string, text: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(text);
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<Owner | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const match = /^(\d+) (.*)$/s.exec(text);
  return match?.[1] === undefined ? undefined : { pid: Number(match[1]), birth: match[2] ?? "" };
}

/** A process with that number and, where the system tells, with that time of birth: numbers are given out again. */
async function isAlive({ pid, birth }: Owner): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = await birthOf(pid);
  return birth === "" || now === "" || now === birth;
}

/** When a process began, in whatever form the system has it; empty if it does not tell, `ended` if it only awaits burial. */
async function birthOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // the second field is the command in parentheses and may hold anything; then come the state and, as the 22nd, the start
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[18] !== undefined) return state === "Z" ? "ended" : fields[18];
  try {
    const { stdout } = await run("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { timeout: 2000 });
    const [, letters = "", start = ""] = /^\s*(\S+)\s+(.*)/.exec(stdout) ?? [];
    return letters.startsWith("Z") ? "ended" : start.trim();
  } catch {
    return "";
  }
}
