import { randomUUID } from "node:crypto";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Order } from "../../../core/cursor.js";
import type { EventSummary } from "../../../core/model.js";
import type { EventStore, Page } from "../../../core/store-ports.js";
import { createEventStore } from "../../../store/events.js";
import { createIndexes, tablesOf } from "../../../store/tables.js";
import { mongoUriForTests } from "../../support/mongo.js";
import { TestClock, testIds } from "../clock.js";
import { EVERY_EVENT, samplesOf } from "../samples.js";

const clock = new TestClock();
const ids = testIds(clock);
const samples = samplesOf(ids, clock);
const { applicationId } = samples.event();
const databaseName = `test-${randomUUID()}`;
let client: MongoClient | undefined;
let events: EventStore | undefined;

beforeAll(async () => {
  const { uri } = await mongoUriForTests();
  client = new MongoClient(uri);
  const database = client.db(databaseName);
  await createIndexes(database);
  events = createEventStore({ table: tablesOf(database).events, ids, clock, searchedMax: 7 });
  for (let index = 0; index < 40; index += 1) {
    await events.insert(samples.event({ eventId: index % 9 === 0 ? `needle ${index}` : `hay ${index}` }));
  }
});

afterAll(async () => {
  await client?.db(databaseName).dropDatabase();
  await client?.close();
});

/** The eventIds of all pages, and how many pages there were. */
async function search(text: string, order: Order): Promise<{ found: (string | null)[]; pages: number }> {
  if (events === undefined) throw new Error("the store is there from beforeAll on");
  const filter = { ...EVERY_EVENT, text };
  const found: (string | null)[] = [];
  let after: string | null = null;
  for (let pages = 1; pages < 100; pages += 1) {
    const page: Page<EventSummary> = await events.list(applicationId, filter, { limit: 2, order, after });
    found.push(...page.rows.map((it) => it.eventId));
    after = page.next;
    if (after === null) return { found, pages };
  }
  throw new Error("the list has no end");
}

test("a search that looks through a few rows a page finds everything, once and in order", async () => {
  const needles = ["needle 0", "needle 9", "needle 18", "needle 27", "needle 36"];
  expect((await search("eedle", "oldest")).found).toEqual(needles);
  expect((await search("eedle", "newest")).found).toEqual(needles.toReversed());
  expect((await search("hay", "newest")).found).toHaveLength(35);
});

test("a search without a match ends, and no page looks through more than its bound", async () => {
  expect(await search("nothing", "newest")).toEqual({ found: [], pages: 6 });
  expect(await search("nothing", "oldest")).toEqual({ found: [], pages: 6 });
});
