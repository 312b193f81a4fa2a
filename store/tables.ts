import type { Db } from "mongodb";
import type { StoredDocument } from "./decode.js";
import { withinDeadline } from "./failures.js";
import { COLLECTIONS, INDEXES, OBSOLETE_INDEXES } from "./indexes.js";
import type { CollectionName } from "./indexes.js";
import { Table } from "./table.js";

export type Tables = Readonly<Record<CollectionName, Table>>;

/** The collections of one database. */
export function tablesOf(database: Db): Tables {
  const table = (name: CollectionName): Table => new Table(database.collection<StoredDocument>(COLLECTIONS[name]));
  return {
    applications: table("applications"),
    endpoints: table("endpoints"),
    eventTypes: table("eventTypes"),
    events: table("events"),
    deliveries: table("deliveries"),
    attempts: table("attempts"),
    apiKeys: table("apiKeys"),
    audit: table("audit"),
    processes: table("processes"),
    rateBuckets: table("rateBuckets"),
  };
}

/** Creates what is missing of `INDEXES`, then drops what they replace; what else exists stays. */
export async function createIndexes(database: Db): Promise<void> {
  for (const [name, indexes] of Object.entries(INDEXES)) {
    if (indexes.length > 0) await withinDeadline(database.collection(name).createIndexes([...indexes]));
  }
  for (const { collection, name } of OBSOLETE_INDEXES) {
    const table = database.collection(collection);
    if (!(await withinDeadline(table.indexExists(name)))) continue;
    try {
      await withinDeadline(table.dropIndex(name));
    } catch (error) {
      // Another process that starts has been quicker.
      if (await withinDeadline(table.indexExists(name))) throw error;
    }
  }
}
