import { randomUUID } from "node:crypto";
import { MongoClient } from "mongodb";
import type { Collection } from "mongodb";
import { afterAll, beforeAll } from "vitest";
import type { IdSource } from "../../../core/ports.js";
import { connectStore } from "../../../store/connect.js";
import type { Store, StoreOptions } from "../../../store/connect.js";
import { TEST_KEYS } from "../../support/key-ring.js";
import { mongoUriForTests } from "../../support/mongo.js";
import { TestClock, testIds } from "../clock.js";
import { samplesOf } from "../samples.js";
import type { Samples } from "../samples.js";

export interface Fixture {
  store: Store;
  clock: TestClock;
  ids: IdSource;
  /** Rows of one application that no other fixture has. */
  samples: Samples;
  /** Another process on the same database. */
  second(options?: ProcessOptions): Promise<Store>;
  /** What is really there: documents of a collection, as the driver reads them. */
  raw(collection: string): Collection<RawDocument>;
}

export type RawDocument = { _id: string } & Record<string, unknown>;
type ProcessOptions = Pick<StoreOptions, "encryptionKeys" | "log">;

/** A store on a database of its own, which is dropped after the tests of the file. */
export function useStore(options: Pick<StoreOptions, "onCommand" | "endpointsMax"> = {}): Fixture {
  const databaseName = `test-${randomUUID()}`;
  const clock = new TestClock();
  const ids = testIds(clock);
  const open: Store[] = [];
  let client: MongoClient | undefined;
  const connect = async (process?: ProcessOptions): Promise<Store> => {
    const { uri } = await mongoUriForTests();
    const store = await connectStore({
      uri,
      databaseName,
      encryptionKeys: TEST_KEYS,
      ids,
      clock,
      ...options,
      ...process,
    });
    open.push(store);
    return store;
  };
  let first: Store | undefined;

  beforeAll(async () => {
    client = new MongoClient((await mongoUriForTests()).uri);
    first = await connect();
    await first.ensureIndexes();
  });
  afterAll(async () => {
    await Promise.all(open.map((it) => it.close()));
    await client?.db(databaseName).dropDatabase();
    await client?.close();
  });

  return {
    get store() {
      if (first === undefined) throw new Error("the store is there from beforeAll on");
      return first;
    },
    clock,
    ids,
    samples: samplesOf(ids, clock),
    second: connect,
    raw(collection) {
      if (client === undefined) throw new Error("the database is there from beforeAll on");
      return client.db(databaseName).collection<RawDocument>(collection);
    },
  };
}
