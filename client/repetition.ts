import { endedByCaller } from "./errors.js";
import type { PosthornClientError } from "./errors.js";

const FIRST_WAIT_MS = 250;
const WAIT_MS_MAX = 10_000;

/** Statuses that say "not now": the service's own 429 and 503, and what proxies answer while it restarts. */
const PASSING_STATUS: readonly (number | null)[] = [429, 502, 503, 504];

/**
 * Procedures that change something and may be repeated: the service accepts an `eventId` once, and those of `health` make
 * theirs from the record. Any other may have been done although no answer came, and is the caller's to decide.
 */
const REPEATABLE_MUTATIONS = /^(?:events\.publish(?:Batch)?$|health\.)/;

/** Whether calling twice does what calling once does. */
export function isRepeatable(call: { kind: "query" | "mutation"; path: string }): boolean {
  return call.kind === "query" || REPEATABLE_MUTATIONS.test(call.path);
}

/** Whether the same call may succeed a little later. */
export function isPassing(failure: PosthornClientError): boolean {
  return failure.code === "network_error" || failure.code === "timeout" || PASSING_STATUS.includes(failure.httpStatus);
}

/**
 * Wait before repetition `number` (1, 2, …), in ms: doubling from 250 ms to at most 10 s, of which a random half is
 * left out, so that many callers do not come back at the same moment. `random` is from [0, 1).
 */
export function waitMs(number: number, random: number): number {
  const whole = Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** (number - 1));
  return whole * (1 - random / 2);
}

/** Resolves after `ms`. @throws `aborted` as soon as the signal says so */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(endedByCaller(signal.reason));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, ms);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
