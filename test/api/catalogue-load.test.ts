import { beforeEach, expect, test } from "vitest";
import { CATALOGUES } from "../../api/catalogue/catalogues.js";
import type { CatalogueEntry } from "../../api/catalogue/entry.js";
import { loadCatalogue } from "../../api/catalogue/load.js";
import { CATALOGUE_NAMES } from "../../api/catalogue/names.js";
import type { EventTypeStore } from "../../core/store-ports.js";
import { loadDefaultCatalogues } from "../../runtime/cli/catalog/load.js";
import { createMemoryPorts } from "../support/memory-ports.js";

const NOW = new Date("2026-03-14T06:30:00Z");
const ALL = CATALOGUE_NAMES.flatMap((name) => CATALOGUES[name]);
const [FIRST] = ALL;
if (FIRST === undefined) throw new Error("the catalogues are empty");
const { name: NAME } = FIRST;

let store: EventTypeStore;
beforeEach(() => {
  store = createMemoryPorts().deps.stores.eventTypes;
});

function load(options: { entries?: readonly CatalogueEntry[]; replace?: boolean; applicationId?: string } = {}) {
  return loadCatalogue(store, { applicationId: "app_1", entries: ALL, now: NOW, replace: false, ...options });
}

test("what is missing is created in this application alone, and a repeat creates nothing", async () => {
  expect(await load({ entries: [FIRST] })).toEqual({ created: 1, updated: 0, unchanged: 0 });
  expect(await load()).toEqual({ created: ALL.length - 1, updated: 0, unchanged: 1 });
  expect(await load()).toEqual({ created: 0, updated: 0, unchanged: ALL.length });
  const { description, schema, example, group } = FIRST;
  const details = { description, schema, example, group, archived: false };
  expect(await store.find("app_1", NAME)).toMatchObject({ ...details, createdAt: NOW, updatedAt: NOW });
  expect(await store.find("app_2", NAME)).toBeNull();
});

test("two processes that load at once create everything once", async () => {
  const both = await Promise.all([load(), load()]);
  expect(both.reduce((sum, it) => sum + it.created, 0)).toBe(ALL.length);
  expect(both.reduce((sum, it) => sum + it.unchanged, 0)).toBe(ALL.length);
});

test("a type that somebody changed or archived stays so, unless it is to be replaced", async () => {
  await load();
  await store.update("app_1", NAME, { description: "mine", example: { mine: true }, archived: true });
  expect(await load()).toMatchObject({ created: 0, updated: 0 });
  expect(await store.find("app_1", NAME)).toMatchObject({ description: "mine", archived: true });

  expect(await load({ replace: true })).toEqual({ created: 0, updated: 1, unchanged: ALL.length - 1 });
  const { description, example } = FIRST;
  expect(await store.find("app_1", NAME)).toMatchObject({ description, example, archived: false });
  expect(await load({ replace: true })).toEqual({ created: 0, updated: 0, unchanged: ALL.length });
});

test("types that no entry names are left alone", async () => {
  const own = { ...FIRST, name: "own.created" };
  await load({ entries: [own] });
  await load({ replace: true });
  expect(await store.find("app_1", own.name)).toMatchObject({ description: own.description, archived: false });
});

test("a store that fails ends the load with its error", async () => {
  const ports = createMemoryPorts();
  ports.state.isDown = true;
  store = ports.deps.stores.eventTypes;
  await expect(load()).rejects.toMatchObject({ code: "store_unavailable" });
});

test("posthorn dev loads every catalogue into the default application, and starts without them where it cannot", async () => {
  const { deps, state, lines } = createMemoryPorts();
  state.isDown = true;
  await loadDefaultCatalogues(deps.stores, deps.log);
  expect(lines).toMatchObject([{ level: "warn", message: expect.stringContaining("posthorn catalog load") as string }]);
  expect(state.eventTypes.size).toBe(0);

  state.isDown = false;
  await loadDefaultCatalogues(deps.stores, deps.log);
  const application = await deps.stores.applications.find("default");
  expect(state.eventTypes.size).toBe(ALL.length);
  expect(new Set([...state.eventTypes.values()].map((it) => it.applicationId))).toEqual(new Set([application?.id]));
});
