/**
 * Runs work that nobody waits for, when what this turn of the event loop has begun is on its way: what is written to the store
 * is put together at the end of a turn, and a read that is sent before it would be waited for all the same.
 */
export function aside(work: () => void): void {
  setImmediate(() => setImmediate(work));
}
