import { access, constants, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** The full path of an executable on the search path, or undefined. */
export async function findOnPath(name: string, searchPath = process.env["PATH"] ?? ""): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter).filter((entry) => entry !== "")) {
    const candidate = join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** Whether a path is a regular file that this user may run. */
async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
