/** Which Posthorn is measured. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const packageFile = z.object({ version: z.string() });

export async function versionOf(dist: string): Promise<string> {
  return packageFile.parse(JSON.parse(await readFile(join(dist, "..", "package.json"), "utf8"))).version;
}
