import { readFileSync } from "node:fs";
import { z } from "zod";

const packageFile = z.object({ version: z.string() });

/** Posthorn's own version, from the `package.json` beside the sources or above the build. */
export const VERSION = readVersion();

function readVersion(): string {
  for (const up of ["../package.json", "../../package.json"]) {
    try {
      return packageFile.parse(JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8"))).version;
    } catch {
      continue;
    }
  }
  return "0.0.0";
}
