import { expect, test } from "vitest";
import { EndpointSlots } from "../../activities/endpoint-slots.js";
import type { SlotLimits } from "../../activities/endpoint-slots.js";

const WIDE: SlotLimits = {
  perEndpoint: 1_000,
  perApplication: 1_000,
  perProcess: 1_000,
  waitingMax: 100,
  waitMsMax: 60_000,
  slowWaitMsMax: 60_000,
  slowMs: 60_000,
};

/** Work that lasts until it is told to end, in the order in which it has begun. */
function useWork(limits: Partial<SlotLimits>) {
  const slots = new EndpointSlots({ ...WIDE, ...limits });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const all: Promise<void>[] = [];
  return {
    slots,
    begun,
    add(endpointId: string, name: string, applicationId = "app") {
      const work = () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      };
      all.push(slots.run({ id: endpointId, applicationId }, work));
    },
    endOne: () => ends.shift()?.(),
    async endAll() {
      await expect
        .poll(
          () => {
            for (const end of ends) end();
            return slots.load;
          },
          { interval: 1, timeout: 10_000 },
        )
        .toEqual({ running: 0, waiting: 0 });
      await Promise.all(all);
    },
  };
}

test("an endpoint with a long queue does not keep the slots of the process from another endpoint", async () => {
  const work = useWork({ perEndpoint: 2, perProcess: 2 });
  for (const it of [1, 2, 3, 4, 5]) work.add("busy", `busy ${it}`);
  work.add("other", "other");
  await expect.poll(() => work.begun).toEqual(["busy 1", "busy 2"]);

  work.endOne();
  work.endOne();

  await expect.poll(() => work.begun).toEqual(["busy 1", "busy 2", "busy 3", "other"]);
  await work.endAll();
});

test("an application with many endpoints does not keep the slots of the process from another application", async () => {
  const work = useWork({ perProcess: 2 });
  for (const it of [1, 2, 3, 4, 5, 6]) work.add(`busy ${it}`, `busy ${it}`, "busy");
  work.add("other", "other", "other");
  await expect.poll(() => work.begun).toHaveLength(2);

  work.endOne();
  work.endOne();

  await expect.poll(() => work.begun).toEqual(["busy 1", "busy 2", "busy 3", "other"]);
  await work.endAll();
});

test("endpoints of one application share its slots, take turns at them, and leave other applications alone", async () => {
  const work = useWork({ perApplication: 2 });
  for (const it of [1, 2, 3, 4]) work.add("one", `one ${it}`);
  for (const it of [1, 2]) work.add("two", `two ${it}`);
  work.add("elsewhere", "elsewhere", "another");
  await expect.poll(() => work.begun).toEqual(["one 1", "one 2", "elsewhere"]);

  work.endOne();
  await expect.poll(() => work.begun.slice(3)).toEqual(["one 3"]);
  work.endOne();
  await expect.poll(() => work.begun.slice(3)).toEqual(["one 3", "two 1"]);
  await work.endAll();
  expect(work.begun).toHaveLength(7);
});

test("requests of one endpoint begin in the order in which they came", async () => {
  const work = useWork({ perEndpoint: 1 });
  const names = Array.from({ length: 20 }, (_, index) => `request ${index}`);
  for (const name of names) work.add("endpoint", name);

  await work.endAll();

  expect(work.begun).toEqual(names);
});

test("a smaller share holds for what begins from then on, a larger one lets in what waits, and one always may", async () => {
  const work = useWork({ perEndpoint: 4, perApplication: 8 });
  work.slots.setShare(1 / 2);
  for (const it of [1, 2, 3, 4, 5, 6]) work.add("endpoint", `${it}`);
  await expect.poll(() => work.begun).toEqual(["1", "2"]);

  work.slots.setShare(1 / 100);
  expect(work.slots.own).toMatchObject({ perEndpoint: 1, perApplication: 1 });
  work.endOne();
  expect(work.slots.load).toMatchObject({ waiting: 4 });
  expect(work.begun).toEqual(["1", "2"]);

  work.slots.setShare(1);
  await expect.poll(() => work.begun).toHaveLength(5);
  await work.endAll();
});

test("an endpoint whose requests take long is crowded by a short wait, a quick one by a long wait only", async () => {
  const work = useWork({ perEndpoint: 1, slowMs: 20, slowWaitMsMax: 1, waitMsMax: 60_000 });
  for (const it of [1, 2, 3]) work.add("one", `request ${it}`);
  await expect.poll(() => work.begun.length).toBe(1);
  expect(work.slots.isCrowded("one")).toBe(false);
  expect(work.slots.isCrowded("another")).toBe(false);

  // None has ended meanwhile.
  await expect.poll(() => work.slots.isCrowded("one")).toBe(true);
  await work.endAll();
  expect(work.slots.isCrowded("one")).toBe(false);
});

test("a lane that finds its endpoint crowded rests, and one that comes when the queue is gone does not overtake it", async () => {
  const work = useWork({ perEndpoint: 1, slowMs: 20, slowWaitMsMax: 1 });
  for (const it of [1, 2]) work.add("one", `request ${it}`);
  await expect.poll(() => work.slots.isCrowded("one")).toBe(true);
  expect(work.slots.restOf("one", "early lane")).toBeGreaterThan(0);

  await work.endAll();

  expect(work.slots.isCrowded("one")).toBe(false);
  expect(work.slots.hasLongQueue("one")).toBe(true);
  expect(work.slots.restOf("one", "late lane")).toBeGreaterThan(0);
  expect(work.slots.restOf("one", "early lane")).toBe(0);
  expect(work.slots.restOf("another", "any lane")).toBe(0);
});
