import { expect, test } from "vitest";
import type { Endpoint } from "../../core/model.js";
import { createEndpointDirectory } from "../../store/directory.js";
import { TestClock, testIds } from "./clock.js";
import { samplesOf } from "./samples.js";

const clock = new TestClock();
const samples = samplesOf(testIds(clock), clock);

/** Reads that end when the test says so. */
class Reads {
  readonly asked: string[] = [];
  private readonly pending: { resolve: (rows: Endpoint[]) => void; reject: (error: Error) => void }[] = [];

  readonly all = (applicationId: string): Promise<Endpoint[]> => {
    this.asked.push(applicationId);
    return new Promise((resolve, reject) => this.pending.push({ resolve, reject }));
  };

  answer(...rows: Endpoint[]): void {
    this.pending.shift()?.resolve(rows);
  }

  fail(): void {
    this.pending.shift()?.reject(new Error("away"));
  }
}

function directoryOf(reads: Reads, applicationsMax?: number): ReturnType<typeof createEndpointDirectory> {
  return createEndpointDirectory({
    endpoints: reads,
    clock,
    ...(applicationsMax !== undefined && { applicationsMax }),
  });
}

test("callers at the same moment share one read, and so do those of the same half second", async () => {
  const reads = new Reads();
  const directory = directoryOf(reads);
  const endpoint = samples.endpoint();
  const both = Promise.all([directory.of("a"), directory.of("a")]);
  reads.answer(endpoint);
  expect(await both).toEqual([[endpoint], [endpoint]]);
  clock.ms += 499;
  expect(await directory.of("a")).toEqual([endpoint]);
  expect(reads.asked).toEqual(["a"]);
});

test("a snapshot is a second old at most, counted from when it was asked for", async () => {
  const reads = new Reads();
  const directory = directoryOf(reads);
  const first = directory.of("a");
  clock.ms += 600;
  reads.answer();
  await first;
  clock.ms += 400;
  void directory.of("a");
  expect(reads.asked).toEqual(["a", "a"]);
});

test("a snapshot in use is read anew after half a second, and nobody waits for it", async () => {
  const reads = new Reads();
  const directory = directoryOf(reads);
  const first = directory.of("a");
  reads.answer();
  await first;
  clock.ms += 500;
  expect(await directory.of("a")).toEqual([]);
  expect(await directory.of("a")).toEqual([]);
  // What the same turn of the event loop has to write goes first.
  expect(reads.asked).toEqual(["a"]);
  await expect.poll(() => reads.asked).toEqual(["a", "a"]);
  const endpoint = samples.endpoint();
  reads.answer(endpoint);
  await expect.poll(() => directory.of("a")).toEqual([endpoint]);
  // Counted from when the second was asked for.
  clock.ms += 900;
  expect(await directory.of("a")).toEqual([endpoint]);
});

test("a renewal that fails costs nobody anything before the snapshot is old", async () => {
  const reads = new Reads();
  const directory = directoryOf(reads);
  const endpoint = samples.endpoint();
  const first = directory.of("a");
  reads.answer(endpoint);
  await first;
  clock.ms += 700;
  await directory.of("a");
  await expect.poll(() => reads.asked).toEqual(["a", "a"]);
  reads.fail();
  expect(await directory.of("a")).toEqual([endpoint]);
  clock.ms += 300;
  const next = directory.of("a");
  reads.answer();
  expect(await next).toEqual([]);
});

test("a renewal that began before an invalidation does not come back after it", async () => {
  const reads = new Reads();
  const directory = directoryOf(reads);
  const first = directory.of("a");
  reads.answer();
  await first;
  clock.ms += 600;
  await directory.of("a");
  await expect.poll(() => reads.asked).toEqual(["a", "a"]);
  directory.invalidate("a");
  const after = directory.of("a");
  reads.answer();
  const endpoint = samples.endpoint();
  reads.answer(endpoint);
  expect(await after).toEqual([endpoint]);
  expect(await directory.of("a")).toEqual([endpoint]);
});

test("after an invalidation nobody gets a snapshot from before, not even one that was being read", async () => {
  const reads = new Reads();
  const directory = directoryOf(reads);
  const before = directory.of("a");
  directory.invalidate("a");
  const after = directory.of("a");
  const endpoint = samples.endpoint();
  reads.answer();
  reads.answer(endpoint);
  expect(await before).toEqual([]);
  expect(await after).toEqual([endpoint]);
  expect(await directory.of("a")).toEqual([endpoint]);
});

test("a read that fails is everybody's who waited, and the next caller tries again", async () => {
  const reads = new Reads();
  const directory = directoryOf(reads);
  const both = Promise.allSettled([directory.of("a"), directory.of("a")]);
  reads.fail();
  expect((await both).map((it) => it.status)).toEqual(["rejected", "rejected"]);
  const next = directory.of("a");
  reads.answer();
  expect(await next).toEqual([]);
});

test("the directory keeps so many applications, and forgets the one used longest ago", () => {
  const reads = new Reads();
  const directory = directoryOf(reads, 2);
  for (const applicationId of ["a", "b", "a", "c", "a", "b"]) void directory.of(applicationId);
  expect(reads.asked).toEqual(["a", "b", "c", "b"]);
});
