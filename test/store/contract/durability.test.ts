import { randomUUID } from "node:crypto";
import { MongoClient } from "mongodb";
import { expect, test } from "vitest";
import { CLIENT_OPTIONS, DATABASE_OPTIONS } from "../../../store/client-options.js";
import { connectStore } from "../../../store/connect.js";
import { TEST_KEYS } from "../../support/key-ring.js";
import { mongoUriForTests } from "../../support/mongo.js";
import { TestClock, testIds } from "../clock.js";

test("every write asks for majority and journal, also where the URI asks for less", async () => {
  const { uri } = await mongoUriForTests();
  const weak = `${uri}${uri.includes("?") ? "&" : "/?"}w=1&journal=false`;
  const client = new MongoClient(weak, { ...CLIENT_OPTIONS, monitorCommands: true });
  const concerns: unknown[] = [];
  client.on("commandStarted", ({ command }) => concerns.push(command.writeConcern));
  const database = client.db(`test-${randomUUID()}`, DATABASE_OPTIONS);
  const rows = database.collection<{ _id: string }>("rows");
  await rows.insertMany([{ _id: "a" }], { ordered: false });
  await rows.bulkWrite([{ updateOne: { filter: { _id: "a" }, update: { $set: { x: 1 } } } }], { ordered: false });
  await rows.updateMany({ _id: "a" }, { $set: { x: 2 } });
  await rows.findOneAndUpdate({ _id: "a" }, { $set: { x: 3 } });
  expect(concerns).toHaveLength(4);
  for (const concern of concerns) expect(concern).toMatchObject({ w: "majority", j: true });
  await database.dropDatabase();
  await client.close();
});

test("a store that was closed answers store_unavailable and does not connect again", async () => {
  const { uri } = await mongoUriForTests();
  const clock = new TestClock();
  const commands: string[] = [];
  const store = await connectStore({
    uri,
    encryptionKeys: TEST_KEYS,
    ids: testIds(clock),
    clock,
    onCommand: (it) => commands.push(it),
  });
  await store.ping();
  await store.close();
  await expect(store.ping()).rejects.toMatchObject({ code: "store_unavailable" });
  await expect(store.applications.find("x")).rejects.toMatchObject({ code: "store_unavailable" });
  expect(commands).toEqual(["ping"]);
});
