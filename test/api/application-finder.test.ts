import { expect, test } from "vitest";
import { createApplicationFinder } from "../../api/application-finder.js";
import type { Application } from "../../core/model.js";
import type { ApplicationStore } from "../../core/store-ports.js";
import { createMemoryPorts } from "../support/memory-ports.js";

/** Answers when the test says so. */
class Store {
  readonly asked: string[] = [];
  readonly #answers: { resolve: (found: Application | null) => void; reject: (error: Error) => void }[] = [];

  find(reference: string): Promise<Application | null> {
    this.asked.push(reference);
    return new Promise((resolve, reject) => this.#answers.push({ resolve, reject }));
  }

  answer(found: Application | null): void {
    this.#answers.shift()?.resolve(found);
  }

  fail(): void {
    this.#answers.shift()?.reject(new Error("away"));
  }
}

function finderOf() {
  const memory = createMemoryPorts();
  const { deps, state } = memory;
  const store = new Store();
  const [application] = state.applications.values();
  if (application === undefined) throw new Error("there is one from the start");
  const find: ApplicationStore["find"] = (reference) => store.find(reference);
  const finder = createApplicationFinder({ ...deps.stores.applications, find }, deps.clock);
  const first = finder.find("a");
  store.answer(application);
  return { finder, store, application, first, advance: (ms: number) => memory.advance(ms) };
}

test("an application in use is asked for again after half its five seconds, and nobody waits for it", async () => {
  const { finder, store, application, advance, first } = finderOf();
  expect(await first).toBe(application);
  advance(1_000);
  await finder.find("a");
  expect(store.asked).toHaveLength(1);
  advance(1_500);
  expect([await finder.find("a"), await finder.find("a")]).toEqual([application, application]);
  await expect.poll(() => store.asked).toHaveLength(2);
  const changed = { ...application, name: "another" };
  store.answer(changed);
  await expect.poll(() => finder.find("a")).toBe(changed);
});

test("one that is found to be gone is gone for the next who asks", async () => {
  const { finder, store, advance, first } = finderOf();
  await first;
  advance(3_000);
  await finder.find("a");
  await expect.poll(() => store.asked).toHaveLength(2);
  store.answer(null);
  await new Promise(setImmediate);
  const next = finder.find("a");
  store.answer(null);
  expect(await next).toBeNull();
});

test("a store that is away matters only when the five seconds are over", async () => {
  const { finder, store, application, advance, first } = finderOf();
  await first;
  advance(3_000);
  await finder.find("a");
  await expect.poll(() => store.asked).toHaveLength(2);
  store.fail();
  expect(await finder.find("a")).toBe(application);
  advance(2_001);
  const next = finder.find("a");
  store.fail();
  await expect(next).rejects.toThrow("away");
});

test("what was asked for before a change is not remembered after it", async () => {
  const { finder, store, application, advance, first } = finderOf();
  await first;
  advance(3_000);
  await finder.find("a");
  finder.forget();
  store.answer(application);
  await new Promise(setImmediate);
  const next = finder.find("a");
  store.answer(null);
  expect(await next).toBeNull();
});
