/** Writes in the background that would keep a store from others if they were one. */
import { setTimeout as sleep } from "node:timers/promises";

/** Others have their turn before the next. */
export const APART_MS = 8;

export interface Bites<Item> {
  /** Of one write. A store that makes one change after the other is busy for some milliseconds with them. */
  itemsMax: number;
  write: (items: readonly Item[]) => Promise<unknown>;
}

/** Writes the items a few at a time, in their order. What was written before a rejection stays written. */
export async function inBites<Item>(items: readonly Item[], { itemsMax, write }: Bites<Item>): Promise<void> {
  for (let from = 0; from < items.length; from += itemsMax) {
    if (from > 0) await sleep(APART_MS);
    await write(items.slice(from, from + itemsMax));
  }
}
