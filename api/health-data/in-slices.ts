/** Long work in short turns: other requests are served in between. */
import { PosthornError } from "../../core/errors.js";

/** Small enough that a slice of samples takes a few milliseconds. */
const SLICE_ITEMS = 500;

/**
 * Runs `work` on every item in order and lets others run after every slice.
 *
 * @throws as {@link stopIfGone}
 */
export async function inSlices<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => void,
  signal: AbortSignal | undefined,
  sliceItems = SLICE_ITEMS,
): Promise<void> {
  for (let start = 0; start < items.length; start += sliceItems) {
    if (start > 0) await new Promise(setImmediate);
    stopIfGone(signal);
    const slice = items.slice(start, start + sliceItems);
    for (const [offset, item] of slice.entries()) work(item, start + offset);
  }
}

/** @throws `store_unavailable` if the caller has gone: what it sent keeps memory that others wait for */
export function stopIfGone(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new PosthornError("store_unavailable", "The caller went away before everything was stored.");
}
