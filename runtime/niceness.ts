/**
 * What publishers and receivers do not wait for leaves the processor to what they do wait for: where both are ready, a
 * thread of this niceness gets a quarter. Retries and the notes of what was delivered come a little later then.
 */
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { basename } from "node:path";

export const BACKGROUND_NICENESS = 5;

/** Makes the calling thread, and those that it starts from now on, work in the background. Linux only: elsewhere nothing happens. */
export function workInBackground(): void {
  try {
    // Linux has a niceness for each thread; Node.js knows no other way to the number of its own.
    setPriority(Number(basename(readlinkSync("/proc/thread-self"))), BACKGROUND_NICENESS);
  } catch {
    // It runs as all others do.
  }
}
