import { MongoClient } from "mongodb";
import type { Collection } from "mongodb";
import { defaultCacheDir, startMongo } from "../../runtime/stack/index.js";
import type { MongoServer } from "../../runtime/stack/index.js";

export interface Thing {
  _id: string;
  key?: string;
  group?: string;
  size?: number;
  state?: string | null;
  tags?: string[];
}

export interface StandIn {
  /** Starts it on the data in the folder. `restart`: it comes back by itself. */
  start: (dataDir: string, restart?: boolean) => Promise<MongoServer>;
  /** A collection of it, on a connection of its own. */
  things: (mongo: MongoServer) => Promise<Collection<Thing>>;
}

/** The embedded MongoDB, ended after the test. */
export function useStandIn(cleanup: (undo: () => Promise<unknown>) => void): StandIn {
  return {
    async start(dataDir, restart = false) {
      const cacheDir = defaultCacheDir();
      const mongo = await startMongo({ dataDir, cacheDir, report: () => undefined, port: 0, restart });
      cleanup(() => mongo.stop());
      return mongo;
    },
    async things(mongo) {
      const client = await new MongoClient(mongo.uri).connect();
      cleanup(() => client.close());
      return client.db().collection<Thing>("things");
    },
  };
}
