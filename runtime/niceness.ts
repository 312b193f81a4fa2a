/**
 * What publishers and receivers do not wait for leaves the processor to what they do wait for: where both are ready, a
 * thread in the background gets a quarter. Retries and the notes of what was delivered come a little later then.
 */
import { readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { basename } from "node:path";

/** Added to that of the process. */
export const BACKGROUND_NICENESS = 5;
const NICENESS_MAX = 19;

/** Makes the calling thread, and those that it starts from now on, work in the background. Linux only: elsewhere nothing happens. */
export function workInBackground(): void {
  try {
    // Linux has a niceness for each thread; Node.js knows no other way to the number of its own.
    const thread = Number(basename(readlinkSync("/proc/thread-self")));
    setPriority(thread, Math.min(NICENESS_MAX, getPriority(thread) + BACKGROUND_NICENESS));
  } catch {
    // It runs as all others do.
  }
}
