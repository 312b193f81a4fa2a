import type { Filter } from "mongodb";
import type { StoredDocument } from "./decode.js";
import type { Table } from "./table.js";

/** Few enough for one command to stay well within the store's deadline. */
const BATCH = 500;

/** Deletes what matches, in bounded batches. Answers how many there were. */
export async function removeInBatches(table: Table, filter: Filter<StoredDocument>): Promise<number> {
  let removed = 0;
  for (;;) {
    const documents = await table.find(filter, { limit: BATCH, projection: { _id: 1 } });
    if (documents.length === 0) return removed;
    removed += await table.deleteMany({ _id: { $in: documents.map((it) => it._id) } });
  }
}
