/** Brings event types into the catalogue of an application. */
import { isDeepStrictEqual } from "node:util";
import type { EventType } from "../../core/model.js";
import type { EventTypeStore } from "../../core/store-ports.js";
import { inParallel } from "../commands/in-parallel.js";
import type { CatalogueEntry } from "./entry.js";

/** Store calls at once. */
const WIDTH = 8;

export interface LoadOptions {
  applicationId: string;
  entries: readonly CatalogueEntry[];
  now: Date;
  /** Existing types become as the entries say, archived ones included. Otherwise they stay as they are. */
  replace: boolean;
}

export interface LoadCounts {
  created: number;
  updated: number;
  unchanged: number;
}

/**
 * Creates the types that the application lacks. A repeat changes nothing, and neither does another process that does the
 * same meanwhile. Types that no entry names are left alone.
 *
 * @throws `store_unavailable`; what was loaded by then stays
 */
export async function loadCatalogue(store: EventTypeStore, options: LoadOptions): Promise<LoadCounts> {
  const counts: LoadCounts = { created: 0, updated: 0, unchanged: 0 };
  await inParallel(options.entries, WIDTH, async (entry) => {
    counts[await loadEntry(store, entry, options)] += 1;
  });
  return counts;
}

async function loadEntry(
  store: EventTypeStore,
  entry: CatalogueEntry,
  { applicationId, now, replace }: LoadOptions,
): Promise<keyof LoadCounts> {
  const { name, description, schema, example, group } = entry;
  const wanted = { description, schema, example, group, archived: false };
  const existing = await store.find(applicationId, name);
  if (existing === null) {
    const inserted = await store.insert({ applicationId, name, ...wanted, createdAt: now, updatedAt: now });
    return inserted.kind === "inserted" ? "created" : "unchanged"; // taken: another process was faster
  }
  if (!replace || isDeepStrictEqual(detailsOf(existing), wanted)) return "unchanged";
  await store.update(applicationId, name, wanted);
  return "updated";
}

function detailsOf({ description, schema, example, group, archived }: EventType) {
  return { description, schema, example, group, archived };
}
