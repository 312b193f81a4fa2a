import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of this package. The stack needs files that no compiler moves (the guard, the sources under tools/), and its
 * own code may run from `runtime/stack` or from `dist/runtime/stack`.
 */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(from: string): string {
  if (existsSync(join(from, "tools", "temporal", "go.mod")) && existsSync(join(from, "package.json"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error("the package's folder with tools/temporal was not found above runtime/stack");
  return findPackageRoot(parent);
}
