/**
 * A thread that says when requests are due. Timers of the event loop have whole milliseconds and come up to one of them
 * late, which would be charged to the product; a thread of its own waits for fractions of one, and keeps nobody from
 * reading answers.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface Beats {
  /** Of the first, in ms of `nowMs`. */
  firstMs: number;
  everyMs: number;
  count: number;
}

/** Calls `onBeat` at each of these times, or as soon after as this thread can hear of it; resolves after the last. */
export async function beat(beats: Beats, onBeat: () => void): Promise<void> {
  const worker = new Worker(new URL("./beat-thread.mjs", import.meta.url), { workerData: beats, execArgv: [] });
  worker.on("message", onBeat);
  await once(worker, "exit");
}
