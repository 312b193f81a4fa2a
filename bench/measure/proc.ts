/** What the Linux kernel says in `/proc`. */
import { readFileSync } from "node:fs";

/** Of the times there; 100 on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** `undefined` where there is no such file. */
export function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
