/** Waiting: every wait of a run has an end. */
import { setTimeout as sleep } from "node:timers/promises";
import { nowMs } from "./clock.js";

export interface WaitOptions {
  timeoutMs: number;
  /** @default 100 */
  everyMs?: number;
}

/** Asks until the answer is `true`; `false` if it is not in time. An error of `look` counts as "not yet". */
export async function waitFor(look: () => Promise<boolean>, options: WaitOptions): Promise<boolean> {
  const deadlineMs = nowMs() + options.timeoutMs;
  for (;;) {
    if (await look().catch(() => false)) return true;
    if (nowMs() >= deadlineMs) return false;
    await sleep(options.everyMs ?? 100);
  }
}

/** The result of `work`, or an error that names it when it takes too long. `work` itself goes on. */
export async function within<T>(what: string, timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
