import fc from "fast-check";
import { expect, test } from "vitest";
import { GroupCommit } from "../../store/group-commit.js";
import type { GroupCommitOptions, Settled } from "../../store/group-commit.js";
import { PosthornError } from "../../core/errors.js";
import { storeUnavailable } from "../../store/failures.js";

/** A writer whose writes end when the test says so. */
class Writes {
  readonly batches: number[][] = [];
  inFlight = 0;
  most = 0;
  private readonly ends: (() => void)[] = [];

  constructor(private readonly answer: (item: number) => Settled<string> = (it) => ({ ok: true, value: String(it) })) {}

  readonly write = async (items: readonly number[]): Promise<Settled<string>[]> => {
    this.batches.push([...items]);
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    await new Promise<void>((end) => this.ends.push(end));
    this.inFlight -= 1;
    return items.map(this.answer);
  };

  /** Ends the write in flight when there is one. */
  async end(): Promise<void> {
    await expect.poll(() => this.ends.length, { interval: 1 }).toBeGreaterThan(0);
    this.ends.shift()?.();
  }
}

function groupOf(
  writes: Writes,
  change: Partial<GroupCommitOptions<number, string>> = {},
): GroupCommit<number, string> {
  return new GroupCommit<number, string>({
    write: writes.write,
    bytesOf: () => 1,
    itemsMax: 100,
    bytesMax: 1_000,
    queueItemsMax: 1_000,
    queueBytesMax: 1_000,
    full: () => new PosthornError("overloaded"),
    ...change,
  });
}

test("what arrives during a write goes out together with the next, and only one write is in flight", async () => {
  const writes = new Writes();
  const group = groupOf(writes);
  const first = group.add(1);
  await expect.poll(() => writes.batches.length, { interval: 1 }).toBe(1);
  const rest = [2, 3, 4].map((it) => group.add(it));
  await writes.end();
  await writes.end();
  expect(await Promise.all([first, ...rest])).toEqual(["1", "2", "3", "4"]);
  expect(writes.batches).toEqual([[1], [2, 3, 4]]);
  expect(writes.most).toBe(1);
});

test("what arrives in one turn of the event loop goes out in one write", async () => {
  const writes = new Writes();
  const group = groupOf(writes);
  const all = Promise.all([1, 2, 3].map((it) => group.add(it)));
  await writes.end();
  await all;
  expect(writes.batches).toEqual([[1, 2, 3]]);
});

test("a write has at most so many items and bytes, and an item that is larger goes alone", async () => {
  const writes = new Writes();
  const group = groupOf(writes, { itemsMax: 3, bytesMax: 10, bytesOf: (it) => it });
  const all = Promise.all([1, 1, 1, 1, 5, 4, 1, 50, 9].map((it) => group.add(it)));
  for (let write = 0; write < 5; write += 1) await writes.end();
  await all;
  expect(writes.batches).toEqual([[1, 1, 1], [1, 5, 4], [1], [50], [9]]);
});

test("beyond the queue's bounds callers are turned away at once, and nobody else", async () => {
  const writes = new Writes();
  const group = groupOf(writes, { queueItemsMax: 2 });
  const first = group.add(1);
  await expect.poll(() => writes.batches.length, { interval: 1 }).toBe(1);
  const waiting = [group.add(2), group.add(3)];
  await expect(group.add(4)).rejects.toMatchObject({ code: "overloaded" });
  await writes.end();
  await writes.end();
  expect(await Promise.all([first, ...waiting])).toEqual(["1", "2", "3"]);
});

test("each caller gets the result of its own item", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer(), { minLength: 1, maxLength: 50 }), async (items) => {
      const group = new GroupCommit<number, string>({
        write: (batch) =>
          Promise.resolve(
            batch.map((it) => (it % 3 === 0 ? { ok: false, error: `no ${it}` } : { ok: true, value: `yes ${it}` })),
          ),
        bytesOf: () => 1,
        itemsMax: 7,
        bytesMax: 100,
        queueItemsMax: 100,
        queueBytesMax: 100,
        full: () => new PosthornError("overloaded"),
      });
      const answers = await Promise.all(items.map((it) => group.add(it).catch((error: unknown) => error)));
      expect(answers).toEqual(items.map((it) => (it % 3 === 0 ? `no ${it}` : `yes ${it}`)));
    }),
  );
});

test("when the store is away all items of the write learn it, and the next write is tried", async () => {
  let tries = 0;
  const group = groupOf(new Writes(), {
    write: (items) => {
      tries += 1;
      return tries === 1
        ? Promise.reject(storeUnavailable())
        : Promise.resolve(items.map((it) => ({ ok: true, value: String(it) })));
    },
  });
  const lost = await Promise.allSettled([group.add(1), group.add(2)]);
  expect(lost).toMatchObject([{ reason: { code: "store_unavailable" } }, { reason: { code: "store_unavailable" } }]);
  expect(await group.add(3)).toBe("3");
});

test("an item that spoils a whole write fails alone", async () => {
  const group = groupOf(new Writes(), {
    write: (items) =>
      items.includes(13)
        ? Promise.reject(new Error("cannot be written"))
        : Promise.resolve(items.map((it) => ({ ok: true, value: String(it) }))),
  });
  const answers = await Promise.allSettled([1, 13, 2].map((it) => group.add(it)));
  expect(answers.map((it) => it.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("a caller is told in time, and what was still waiting then is never written", async () => {
  const writes = new Writes();
  const group = groupOf(writes);
  const first = group.add(1);
  await expect.poll(() => writes.batches.length, { interval: 1 }).toBe(1);
  await expect(group.add(2, 20)).rejects.toMatchObject({ code: "store_unavailable" });
  const third = group.add(3);
  await writes.end();
  await writes.end();
  expect(await Promise.all([first, third])).toEqual(["1", "3"]);
  expect(writes.batches).toEqual([[1], [3]]);
});

test("draining waits for everything that was added", async () => {
  const writes = new Writes();
  const group = groupOf(writes);
  const settled: string[] = [];
  void group.add(1).then((it) => settled.push(it));
  const drained = group.drain();
  await writes.end();
  await drained;
  expect(settled).toEqual(["1"]);
  await group.drain();
});

test("with a pace a lone item goes at once, and what comes soon after goes together", async () => {
  const writes = new Writes();
  const group = groupOf(writes, { paceMs: 60_000 });
  const first = group.add(1);
  await expect.poll(() => writes.batches.length, { interval: 1 }).toBe(1);
  await writes.end();
  await first;
  let isWritten = false;
  void Promise.all([2, 3].map((it) => group.add(it))).then(() => (isWritten = true));
  await new Promise(setImmediate);
  expect(writes.batches).toEqual([[1]]);

  // Whoever closes the store does not wait for the pace.
  const paced = groupOf(writes, { paceMs: 60_000 });
  void paced.add(4);
  const drained = paced.drain();
  await writes.end();
  await drained;
  expect(writes.batches).toEqual([[1], [4]]);
  expect(isWritten).toBe(false);
});
