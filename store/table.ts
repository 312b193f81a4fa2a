/** One collection behind the deadline and the translation of failures; what the stores know of the driver ends here. */
import { MongoBulkWriteError, MongoServerError } from "mongodb";
import type { AnyBulkWriteOperation, Collection, Document, Filter, Sort, UpdateFilter } from "mongodb";
import type { StoredDocument } from "./decode.js";
import { documentFailure, DUPLICATE_KEY, refusingIndex, withinDeadline, writeErrorsOf } from "./failures.js";

/** What an unordered write did with one document: written, refused by a unique index, or failed. */
export type WriteOutcome =
  { kind: "written" } | { kind: "refused"; index: string } | { kind: "failed"; error: unknown };

export interface ReadOptions {
  sort?: Sort;
  limit?: number;
  skip?: number;
  projection?: Document;
}

const WRITTEN: WriteOutcome = { kind: "written" };

export class Table {
  constructor(private readonly collection: Collection<StoredDocument>) {}

  get name(): string {
    return this.collection.collectionName;
  }

  findOne(filter: Filter<StoredDocument>): Promise<StoredDocument | null> {
    return withinDeadline(this.collection.findOne(filter));
  }

  find(filter: Filter<StoredDocument>, options: ReadOptions = {}): Promise<StoredDocument[]> {
    return withinDeadline(this.collection.find<StoredDocument>(filter, options).toArray());
  }

  count(filter: Filter<StoredDocument>, limit: number): Promise<number> {
    return withinDeadline(this.collection.countDocuments(filter, { limit }));
  }

  /** The name of the unique index that refused the document, or `null` when it is written. */
  async insert(document: StoredDocument): Promise<string | null> {
    try {
      await withinDeadline(this.collection.insertOne(document));
      return null;
    } catch (error) {
      return refusalIn(error);
    }
  }

  /**
   * Writes what can be written; one outcome for each document, in their order. A lone document is none of a bulk: where few
   * events come, the driver's work for it is a part of what their publishers wait for.
   */
  async insertAll(documents: readonly StoredDocument[]): Promise<WriteOutcome[]> {
    const [first] = documents;
    if (first === undefined) return [];
    if (documents.length === 1) return [await this.#insertLone(first)];
    return outcomes(documents.length, this.collection.insertMany(documents, { ordered: false }));
  }

  async #insertLone(document: StoredDocument): Promise<WriteOutcome> {
    const index = await this.insert(document);
    return index === null ? WRITTEN : { kind: "refused", index };
  }

  /** Runs what can be run; one outcome for each operation, in their order. */
  async writeAll(operations: readonly AnyBulkWriteOperation<StoredDocument>[]): Promise<WriteOutcome[]> {
    if (operations.length === 0) return [];
    return outcomes(operations.length, this.collection.bulkWrite(operations, { ordered: false }));
  }

  /** The document as changed, `null` if there is none, or the name of the unique index that refused the change. */
  async change(
    filter: Filter<StoredDocument>,
    update: UpdateFilter<StoredDocument>,
  ): Promise<StoredDocument | string | null> {
    try {
      return await withinDeadline(this.collection.findOneAndUpdate(filter, update, { returnDocument: "after" }));
    } catch (error) {
      return refusalIn(error);
    }
  }

  /** How many documents the update changed. */
  async updateMany(filter: Filter<StoredDocument>, update: UpdateFilter<StoredDocument>): Promise<number> {
    const result = await withinDeadline(this.collection.updateMany(filter, update));
    return result.modifiedCount;
  }

  async deleteOne(filter: Filter<StoredDocument>): Promise<boolean> {
    const result = await withinDeadline(this.collection.deleteOne(filter));
    return result.deletedCount === 1;
  }

  async deleteMany(filter: Filter<StoredDocument>): Promise<number> {
    const result = await withinDeadline(this.collection.deleteMany(filter));
    return result.deletedCount;
  }
}

function refusalIn(error: unknown): string {
  if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return refusingIndex(error.message);
  throw error;
}

/** `writeErrors` is what counts: the stand-in reports an `insertedCount` that includes what it refused. */
async function outcomes(count: number, write: Promise<unknown>): Promise<WriteOutcome[]> {
  const result = new Array<WriteOutcome>(count).fill(WRITTEN);
  try {
    await withinDeadline(write);
  } catch (error) {
    const errors = error instanceof MongoBulkWriteError ? writeErrorsOf(error) : [];
    if (errors.length === 0) throw error;
    for (const it of errors) {
      result[it.index] =
        it.code === DUPLICATE_KEY
          ? { kind: "refused", index: refusingIndex(it.errmsg ?? "") }
          : { kind: "failed", error: documentFailure(it) };
    }
  }
  return result;
}
