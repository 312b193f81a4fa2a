/** The longest that an attempt in flight may need, with some air for recording it. */
const AIR_MS = 5_000;

/** How long a command waits for its result: the endpoint's time-out and 5 s, at most `settleMsMax`. */
export function settleLimitMs(timeoutMs: number, settleMsMax: number): number {
  return Math.min(timeoutMs + AIR_MS, settleMsMax);
}
