/**
 * Group commit: a write costs the server a journal flush whatever it carries, so items that arrive while a write is in
 * flight go out together with the next one. Nobody waits for company: with no write in flight, the next one starts in
 * the same turn of the event loop.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isPosthornError } from "../core/errors.js";
import { STORE_DEADLINE_MS, storeUnavailable } from "./failures.js";

/** What became of one item of a batch. */
export type Settled<Result> = { ok: true; value: Result } | { ok: false; error: unknown };

export interface GroupCommitOptions<Item, Result> {
  /** Writes the items and says for each, in their order, what became of it. A rejection concerns the whole write. */
  write(items: readonly Item[]): Promise<readonly Settled<Result>[]>;
  bytesOf(item: Item): number;
  /** Items and bytes in one write; an item that is larger goes alone. */
  itemsMax: number;
  bytesMax: number;
  /** Items and bytes that may wait; beyond, callers are turned away at once. */
  queueItemsMax: number;
  queueBytesMax: number;
  /** What they are told then. */
  full(): Error;
  /**
   * The least time between the beginnings of two writes: for what nobody waits for. A lone item goes at once, and under
   * load more go together. @default 0
   */
  paceMs?: number;
}

interface Waiting<Item, Result> {
  item: Item;
  bytes: number;
  timer: NodeJS.Timeout;
  resolve(value: Result): void;
  reject(error: unknown): void;
  /** Its caller has been told that time is up. */
  expired: boolean;
}

export class GroupCommit<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private waitingBytes = 0;
  private running: Promise<void> | null = null;
  private notBeforeMs = 0;
  private isHurried = false;

  constructor(private readonly options: GroupCommitOptions<Item, Result>) {}

  /** Writes the item with others; rejects with `store_unavailable` at the latest `deadlineMs` after the call. */
  add(item: Item, deadlineMs = STORE_DEADLINE_MS): Promise<Result> {
    const bytes = this.options.bytesOf(item);
    if (this.isFull(bytes)) {
      return Promise.reject(this.options.full());
    }
    return new Promise((resolve, reject) => {
      const entry: Waiting<Item, Result> = {
        item,
        bytes,
        resolve,
        reject,
        expired: false,
        timer: setTimeout(() => {
          entry.expired = true;
          reject(storeUnavailable());
        }, deadlineMs),
      };
      this.waiting.push(entry);
      this.waitingBytes += bytes;
      this.running ??= this.run();
    });
  }

  /** Resolves when everything that was added has been written or has failed. */
  async drain(): Promise<void> {
    this.isHurried = true;
    while (this.running !== null) await this.running;
  }

  private isFull(bytes: number): boolean {
    if (this.waiting.length === 0) return false;
    return this.waiting.length >= this.options.queueItemsMax || this.waitingBytes + bytes > this.options.queueBytesMax;
  }

  private async run(): Promise<void> {
    // The end of this turn: requests that were read from their sockets together are written together.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      await this.turn();
      // What has expired in the queue was never sent, and its caller was told so.
      const batch = this.takeBatch().filter((it) => !it.expired);
      if (batch.length > 0) await this.writeBatch(batch);
    }
    this.running = null;
  }

  /** Resolves when the next write may begin. */
  private async turn(): Promise<void> {
    const { paceMs = 0, itemsMax } = this.options;
    if (paceMs === 0) return;
    const waitMs = this.notBeforeMs - performance.now();
    if (waitMs > 0 && !this.isHurried && this.waiting.length < itemsMax) await sleep(waitMs);
    this.notBeforeMs = performance.now() + paceMs;
  }

  private takeBatch(): Waiting<Item, Result>[] {
    let bytes = 0;
    let count = 0;
    for (const { bytes: more } of this.waiting) {
      if (count > 0 && (count >= this.options.itemsMax || bytes + more > this.options.bytesMax)) break;
      bytes += more;
      count += 1;
    }
    this.waitingBytes -= bytes;
    return this.waiting.splice(0, count);
  }

  private async writeBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const settled = await this.options.write(batch.map((it) => it.item));
      batch.forEach((it, index) => settle(it, settled[index]));
    } catch (error) {
      // One item that cannot even be sent must not fail the others: each gets what it would have got alone.
      if (batch.length > 1 && !isUnavailable(error)) for (const it of batch) await this.writeBatch([it]);
      else for (const it of batch) settle(it, { ok: false, error });
    }
  }
}

function isUnavailable(error: unknown): boolean {
  return isPosthornError(error) && error.code === "store_unavailable";
}

function settle<Item, Result>(entry: Waiting<Item, Result>, result: Settled<Result> | undefined): void {
  clearTimeout(entry.timer);
  if (result === undefined) entry.reject(new Error("a batch was answered with too few results"));
  else if (result.ok) entry.resolve(result.value);
  else entry.reject(result.error);
}
