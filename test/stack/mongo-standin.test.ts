import { Binary, Decimal128, Long, ObjectId, UUID } from "mongodb";
import type { Collection, Filter } from "mongodb";
import { describe, expect, it } from "vitest";
import { defaultCacheDir } from "../../runtime/stack/index.js";
import { isRunning, runProgram, scratchFolder, stackModule, until, useCleanup } from "./scratch.js";
import { useStandIn } from "./stand-in.js";
import type { Thing } from "./stand-in.js";

const id = (n: number) => `thing_${String(n).padStart(6, "0")}`;

describe("the embedded MongoDB", () => {
  const cleanup = useCleanup();

  const { start, things } = useStandIn(cleanup);

  it("still has every acknowledged write after kill -9 in the middle of many, and nothing half written", async () => {
    const mongo = await start(await scratchFolder(cleanup));
    const collection = await things(mongo);
    await collection.createIndexes([{ key: { key: 1 }, unique: true, sparse: true }]);
    const acknowledged = new Set<string>();
    let next = 0;
    const writer = async () => {
      for (;;) {
        const batch = Array.from({ length: 3 }, () => ({ _id: id(next), key: `key-${next++}`, state: "new" }));
        try {
          await collection.insertMany(batch, { ordered: false });
        } catch {
          return;
        }
        for (const { _id } of batch) acknowledged.add(_id);
      }
    };
    const writers = Array.from({ length: 8 }, writer);
    await until("some hundred writes are acknowledged", () => acknowledged.size > 600);
    await mongo.server?.kill("SIGKILL");
    await Promise.all(writers);
    await mongo.server?.start();

    const stored = new Map((await collection.find().toArray()).map((thing) => [thing._id, thing]));
    expect([...acknowledged].filter((each) => !stored.has(each))).toEqual([]);
    for (let n = 0; n < next; n += 1) {
      // what was not acknowledged may be there or not, but a second attempt must work either way
      const again = collection.insertOne({ _id: id(n), key: `key-${n}` });
      if (stored.has(id(n))) await expect(again).rejects.toMatchObject({ code: 11000 });
      else await again;
    }
  });

  it("continues with its data after an orderly restart", async () => {
    const dataDir = await scratchFolder(cleanup);
    const first = await start(dataDir);
    const before = await things(first);
    await before.insertOne({ _id: id(1), group: "a" });
    await first.stop();
    const after = await things(await start(dataDir));
    expect(await after.findOne({ _id: id(1) })).toEqual({ _id: id(1), group: "a" });
  });

  it("comes back by itself after kill -9 when it is to be restarted", async () => {
    const mongo = await start(await scratchFolder(cleanup), true);
    const collection = await things(mongo);
    await collection.insertOne({ _id: id(1) });
    const firstPid = mongo.server?.pid;
    await mongo.server?.kill("SIGKILL");
    await mongo.server?.started();
    expect(mongo.server?.pid).not.toBe(firstPid);
    await until("the driver has found it again", () =>
      collection.countDocuments().then(
        (count) => count === 1,
        () => false,
      ),
    );
  });

  it("ends when the process that started it is killed", async () => {
    const folder = await scratchFolder(cleanup);
    const owner = await runProgram(
      folder,
      `import { startMongo } from ${JSON.stringify(stackModule("mongo-server.ts"))};
       const options = { dataDir: ${JSON.stringify(folder)}, cacheDir: ${JSON.stringify(defaultCacheDir())}, port: 0 };
       const mongo = await startMongo({ ...options, report: () => undefined });
       console.log("pid " + mongo.server.pid);`,
    );
    await until("it runs", () => /pid \d+/.test(owner.output()));
    const pid = Number(/pid (\d+)/.exec(owner.output())?.[1]);
    owner.child.kill("SIGKILL");
    await owner.ended;
    await until("it is gone", () => !isRunning(pid));
  });

  it("gives the same answers by its indexes as without them", async () => {
    const mongo = await start(await scratchFolder(cleanup));
    const indexed = await things(mongo);
    const plain = indexed.db.collection<Thing>("plain");
    await indexed.createIndexes([
      { key: { group: 1, size: 1 } },
      { key: { state: 1 } },
      { key: { state: 1, size: 1, _id: 1 } },
      { key: { tags: 1 } },
      { key: { group: 1, _id: -1 } },
      { key: { key: 1 }, unique: true, sparse: true },
    ]);
    const documents = Array.from({ length: 300 }, (_, n): Thing => {
      const thing: Thing = {
        _id: id((n * 7919) % 300),
        group: "abc"[n % 3] ?? "",
        size: n % 17,
        tags: [`t${n % 5}`, `t${n % 7}`],
      };
      const state = n % 2 === 0 ? { state: "even" } : n % 3 === 0 ? { state: null } : {};
      return { ...thing, ...(n % 4 === 0 ? { key: `k${n}` } : {}), ...state };
    });
    for (const collection of [indexed, plain]) {
      await collection.insertMany(documents);
      await collection.updateMany({ group: "b", size: { $gt: 12 } }, { $set: { group: "d" }, $inc: { size: 100 } });
      await collection.updateOne(
        { _id: id(5), group: { $exists: true } },
        { $set: { tags: ["only"] }, $unset: { state: "" } },
      );
      await collection.deleteMany({ group: "c", size: { $lte: 3 } });
    }
    const queries: [filter: object, sort: Record<string, 1 | -1>][] = [
      [{ group: "a" }, { _id: 1 }],
      [
        { group: "d", size: { $gte: 113, $lt: 116 } },
        { size: 1, _id: 1 },
      ],
      [{ group: "a", size: 4 }, { _id: -1 }],
      [{ group: "a" }, { size: 1, _id: 1 }],
      [{ group: "a" }, { size: -1, _id: -1 }],
      [{ group: "a" }, { size: 1, _id: -1 }],
      [
        { state: "even", size: { $gte: 4, $lt: 9 }, $or: [{ size: { $gt: 4 } }, { _id: { $gt: id(100) } }] },
        { size: 1, _id: 1 },
      ],
      [
        { state: null, size: { $lt: 9 } },
        { size: -1, _id: -1 },
      ],
      [{ state: null, size: { $lt: 9 }, group: { $nin: ["a", "d"] } }, { _id: 1 }],
      [{ group: "a", _id: { $gt: id(20), $lte: id(220) } }, { _id: -1 }],
      [{ _id: { $lt: id(50) } }, { _id: -1 }],
      [{ _id: { $in: [id(1), id(2), id(2), "none"] }, group: { $ne: "zzz" } }, { _id: 1 }],
      [{ tags: "t3" }, { _id: 1 }],
      [{ tags: { $in: ["t1", "only"] } }, { _id: 1 }],
      [{ tags: { $gte: "t2" } }, { _id: 1 }],
      [{ state: null }, { _id: 1 }],
      [{ state: { $exists: false }, group: "a" }, { _id: 1 }],
      [{ $or: [{ group: "a" }, { size: 7 }] }, { _id: 1 }],
      [{ key: "k8" }, { _id: 1 }],
      [{ key: { $in: ["k8", "k12"] } }, { _id: 1 }],
      [{}, { group: 1, _id: 1 }],
      [{}, { size: -1, _id: 1 }],
    ];
    for (const [filter, sort] of queries) {
      for (const limit of [0, 7]) {
        const [got, wanted] = await Promise.all(
          [indexed, plain].map((collection) => collection.find(filter).sort(sort).limit(limit).toArray()),
        );
        expect(got, JSON.stringify({ filter, sort, limit })).toEqual(wanted);
      }
      expect(await indexed.countDocuments(filter)).toBe(await plain.countDocuments(filter));
    }
  });

  it("changes the documents of a list of ids, and only those that the rest of the filter matches", async () => {
    const collection = await things(await start(await scratchFolder(cleanup)));
    await collection.createIndexes([{ key: { state: 1 } }, { key: { key: 1 }, unique: true, sparse: true }]);
    await collection.insertMany(
      Array.from({ length: 6 }, (_, n): Thing => ({
        _id: id(n),
        key: `k${n}`,
        state: n % 2 === 0 ? "even" : "odd",
        size: n,
      })),
    );
    const ids = [id(0), id(1), id(2), id(2), id(4), "none"];
    const even = { _id: { $in: ids }, state: { $in: ["even", "other"] } };

    const first = await collection.updateMany(even, { $set: { state: "other", group: "g" } });
    expect([first.matchedCount, first.modifiedCount]).toEqual([3, 3]);
    const again = await collection.updateMany(even, { $set: { state: "other" } });
    expect([again.matchedCount, again.modifiedCount]).toEqual([3, 0]);
    const counted = await collection.updateMany(even, { $inc: { size: 10 } });
    expect([counted.matchedCount, counted.modifiedCount]).toEqual([3, 3]);
    await collection.updateMany({ _id: { $in: ids, $gt: id(2) } }, { $set: { group: "late" } });
    await collection.updateOne({ _id: { $in: [id(3), id(5)] } }, { $set: { group: "one" } });
    await expect(collection.updateMany({ _id: { $in: [id(3)] } }, { $set: { key: "k0" } })).rejects.toMatchObject({
      code: 11000,
    });

    const stored = await collection.find().sort({ _id: 1 }).toArray();
    expect(stored.map(({ state, size, group }) => [state, size, group])).toEqual([
      ["other", 10, "g"],
      ["odd", 1, undefined],
      ["other", 12, "g"],
      ["odd", 3, "one"],
      ["other", 14, "late"],
      ["odd", 5, undefined],
    ]);
    expect(await collection.countDocuments({ state: "other" })).toBe(3);
    expect(await collection.countDocuments({ state: "even" })).toBe(0);
  });

  it("gives back every type and text as it came, from memory and from the file", async () => {
    const dataDir = await scratchFolder(cleanup);
    const document = {
      _id: "läuft-✓-𝒳",
      key: "schlüssel-𝒳",
      größe: 1,
      ["a name that is longer than those which are remembered"]: "",
      nothing: null,
      flags: [true, false],
      numbers: [1, -1.5, Long.fromString("9007199254740993"), Decimal128.fromString("0.1")],
      at: new Date(86_400_000),
      bytes: new Binary(Buffer.from([0, 1, 255])),
      uuid: new UUID("00112233-4455-6677-8899-aabbccddeeff"),
      object: new ObjectId("00112233445566778899aabb"),
      inner: { list: [{ deep: ["x", { deeper: {} }] }, []] },
    };
    const filters: Filter<typeof document>[] = [
      { _id: document._id },
      { key: document.key },
      { "inner.list.deep": "x" },
    ];
    const readAll = (types: Collection<typeof document>) =>
      Promise.all(filters.map((filter) => types.findOne(filter, { promoteLongs: false })));

    const first = await start(dataDir);
    const before = (await things(first)).db.collection<typeof document>("types");
    await before.createIndexes([{ key: { key: 1 }, unique: true }, { key: { "inner.list.deep": 1 } }]);
    await before.insertOne(document);
    expect(await readAll(before)).toEqual(filters.map(() => document));
    await first.stop();
    const after = (await things(await start(dataDir))).db.collection<typeof document>("types");
    expect(await readAll(after)).toEqual(filters.map(() => document));
  });
});
