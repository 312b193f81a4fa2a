import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Collection } from "mongodb";
import { describe, expect, it } from "vitest";
import { scratchFolder, useCleanup } from "./scratch.js";
import { useStandIn } from "./stand-in.js";
import type { Thing } from "./stand-in.js";

/** Pages are written at least once a second while there is something to write: this is several times. */
const SEVERAL_CHECKPOINTS_MS = 3_500;
const TRIES_MAX = 10;

describe("what the embedded MongoDB has acknowledged and not yet written to its pages", () => {
  const cleanup = useCleanup();
  const { start, things } = useStandIn(cleanup);

  const all = async (collection: Collection<Thing>): Promise<Map<string, Thing>> =>
    new Map((await collection.find().toArray()).map((it) => [it._id, it]));

  it("is there after kill -9 as the last write has left it, however often the pages were written meanwhile", async () => {
    const mongo = await start(await scratchFolder(cleanup));
    const collection = await things(mongo);
    await collection.createIndexes([{ key: { key: 1 }, unique: true, sparse: true }, { key: { group: 1 } }]);
    const model = new Map<string, Thing>();
    const endMs = Date.now() + SEVERAL_CHECKPOINTS_MS;
    for (let n = 0; Date.now() < endMs; n += 1) {
      const _id = `thing-${(n * 7) % 40}`;
      const known = model.get(_id);
      if (known === undefined) {
        const thing = { _id, key: `${_id}/${n}`, size: n };
        await collection.insertOne(thing);
        model.set(_id, thing);
      } else if (n % 3 === 0) {
        await collection.deleteOne({ _id });
        model.delete(_id);
      } else {
        await collection.updateOne({ _id }, { $set: { size: n, key: `${_id}/${n}`, group: `g${n % 3}` } });
        model.set(_id, { ...known, size: n, key: `${_id}/${n}`, group: `g${n % 3}` });
      }
    }
    await mongo.server?.kill("SIGKILL");
    await mongo.server?.start();

    expect(await all(collection)).toEqual(model);
    for (const thing of model.values()) {
      expect(await collection.findOne({ key: thing.key ?? "" })).toEqual(thing);
      expect(await collection.find({ group: thing.group ?? "", _id: thing._id }).toArray()).toHaveLength(
        thing.group === undefined ? 0 : 1,
      );
    }
    // No key that was given up is kept by an index.
    await collection.insertMany(Array.from({ length: 40 }, (_, n) => ({ _id: `new-${n}`, key: `thing-${n}/0` })));
  });

  it("is there after kill -9 in a start that had to make it up", async () => {
    const mongo = await start(await scratchFolder(cleanup));
    const collection = await things(mongo);
    for (let round = 0; round < 4; round += 1) {
      await collection.insertMany([{ _id: `a-${round}` }, { _id: `b-${round}` }]);
      await collection.updateMany({}, { $set: { size: round } });
      await collection.deleteOne({ _id: `b-${round}` });
      await mongo.server?.kill("SIGKILL");
      await mongo.server?.start();
      const expected = Array.from({ length: round + 1 }, (_, n) => ({ _id: `a-${n}`, size: round }));
      expect(await collection.find().sort({ _id: 1 }).toArray()).toEqual(expected);
    }
  });

  it("does not come back once it was dropped", async () => {
    const mongo = await start(await scratchFolder(cleanup));
    const collection = await things(mongo);
    const other = collection.db.collection<Thing>("other");
    await collection.createIndexes([{ key: { key: 1 }, unique: true }]);
    await collection.insertMany([
      { _id: "a", key: "k" },
      { _id: "b", key: "l" },
    ]);
    await other.createIndexes([{ key: { key: 1 }, unique: true }]);
    await other.insertOne({ _id: "a", key: "k" });
    await collection.drop();
    await other.dropIndex("key_1");
    // What was changed before the drops must not go to the journal with what is changed after them.
    await other.insertOne({ _id: "b", key: "k" });
    await mongo.server?.kill("SIGKILL");
    await mongo.server?.start();

    expect(await all(collection)).toEqual(new Map());
    expect([...(await all(other)).keys()]).toEqual(["a", "b"]);
    await collection.createIndexes([{ key: { key: 1 }, unique: true }]);
    await collection.insertOne({ _id: "c", key: "l" });
    await expect(collection.insertOne({ _id: "d", key: "l" })).rejects.toMatchObject({ code: 11000 });
    await other.deleteOne({ _id: "b" });
    await other.createIndexes([{ key: { key: 1 }, unique: true }]);
    await expect(other.insertOne({ _id: "e", key: "k" })).rejects.toMatchObject({ code: 11000 });
  });

  it("does not come back with its database once that was dropped", async () => {
    const mongo = await start(await scratchFolder(cleanup));
    const collection = await things(mongo);
    const dropped = collection.db.client.db("dropped");
    await dropped.collection<Thing>("things").insertOne({ _id: "a" });
    await dropped.dropDatabase();
    await collection.insertOne({ _id: "b" });
    await mongo.server?.kill("SIGKILL");
    await mongo.server?.start();

    const { databases } = await collection.db.admin().listDatabases();
    expect(databases.map((it) => it.name)).not.toContain("dropped");
    expect([...(await all(collection)).keys()]).toEqual(["b"]);
  });

  it("ends before a write that came to the disk in part, as if that had never been", async () => {
    let isTorn = false;
    for (let n = 0; n < TRIES_MAX && !isTorn; n += 1) {
      const dataDir = await scratchFolder(cleanup);
      const mongo = await start(dataDir);
      const collection = await things(mongo);
      await collection.createIndexes([{ key: { key: 1 }, unique: true }]);
      await collection.insertOne({ _id: "before", key: "k1" });
      await collection.insertMany([
        { _id: "torn-1", key: "k2" },
        { _id: "torn-2", key: "k3" },
      ]);
      await mongo.server?.kill("SIGKILL");
      await tear(join(dataDir, "mongodb-standin"), "torn-2");
      await mongo.server?.start();

      const found = await all(collection);
      expect(found.has("before")).toBe(true);
      // Unless its pages were written in the moment before the kill, all of it is gone, and nothing keeps its keys.
      expect(found.has("torn-1")).toBe(found.has("torn-2"));
      isTorn = !found.has("torn-1");
      if (isTorn) await collection.insertOne({ _id: "after", key: "k2" });
    }
    expect(isTorn).toBe(true);
  });

  /** Changes a byte of the last change in the journals that has this text. */
  async function tear(folder: string, text: string): Promise<void> {
    const journals = (await readdir(folder)).filter((it) => it.startsWith("journal-"));
    expect(journals).toHaveLength(2);
    let torn = 0;
    for (const journal of journals) {
      const bytes = await readFile(join(folder, journal));
      const at = bytes.lastIndexOf(text);
      if (at < 0) continue;
      torn += 1;
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      await writeFile(join(folder, journal), bytes);
    }
    expect(torn).toBeGreaterThan(0);
  }
});
