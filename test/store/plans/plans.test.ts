/**
 * Every query of what grows without end, as pages, activities and the sweep ask it, explained by MongoDB. The stand-in explains nothing: with it this
 * only sees that there are queries to explain. `MONGODB_URI` names a real one.
 */
import { randomUUID } from "node:crypto";
import { MongoClient } from "mongodb";
import type { Document } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COLLECTIONS } from "../../../store/indexes.js";
import { createAttemptStore } from "../../../store/attempts.js";
import { createAuditStore } from "../../../store/audit.js";
import { createDeliveryStore } from "../../../store/deliveries.js";
import { createEventStore } from "../../../store/events.js";
import { createIndexes, tablesOf } from "../../../store/tables.js";
import { mongoUriForTests } from "../../support/mongo.js";
import { TestClock, testIds } from "../clock.js";
import { attempted, EVERY_ATTEMPT, EVERY_DELIVERY, EVERY_EVENT, samplesOf } from "../samples.js";
import { explainable, problemsIn } from "./plan-problems.js";

const EVENTS = 300;
const PAGE = { limit: 50, order: "newest", after: null } as const;
const NEVER = { from: null, until: null };

const clock = new TestClock();
const ids = testIds(clock);
const samples = samplesOf(ids, clock);
const seen: { name: string; command: Document }[] = [];
let client: MongoClient;
beforeAll(async () => {
  client = new MongoClient((await mongoUriForTests()).uri, { monitorCommands: true });
  client.on("commandStarted", ({ commandName: name, command }) => void seen.push({ name, command }));
});
afterAll(async () => {
  await database().dropDatabase();
  await client.close();
});
const databaseName = `test-${randomUUID()}`;
const database = () => client.db(databaseName);

/** Each query at least once, as its callers ask, on a collection that has more than what is asked for. */
async function askEverything(): Promise<void> {
  const tables = tablesOf(database());
  const events = createEventStore({ table: tables.events, ids, clock });
  const deliveries = createDeliveryStore({ deliveries: tables.deliveries, attempts: tables.attempts, ids, clock });
  const attempts = createAttemptStore({ table: tables.attempts, ids });
  const audit = createAuditStore({ table: tables.audit, ids });

  const stored = Array.from({ length: EVENTS }, () => samples.event({ eventId: randomUUID() }));
  const [{ id: eventId, applicationId }] = stored as [(typeof stored)[0]];
  const endpointId = ids.next("endpoint");
  const rows = stored.map((it) => samples.delivery({ applicationId, eventId: it.id, endpointId }));
  const [first] = rows as [(typeof rows)[0]];
  const deliveryIds = rows.map((it) => it.id);
  await Promise.all(stored.map((it) => events.insert(it)));
  await deliveries.insertNew(rows);
  seen.length = 0;

  await Promise.all(
    rows.map((it) => {
      const delivery = attempted(it, 1);
      return deliveries.record({ delivery, attempt: samples.attempt(delivery) });
    }),
  );
  await events.find(applicationId, stored[1]?.eventId ?? "");
  await events.findByIds([eventId]);
  await events.setState([eventId], ["accepted"], "dispatched");
  await events.lease([eventId], "me", clock.at(1_000));
  await events.undispatched(clock.at(3_600_000), 200);
  const from = new Date(0);
  for (const filter of [
    {},
    { eventType: "workout.created" },
    { channel: "eu" },
    { text: eventId.slice(0, 12) },
    { from },
  ]) {
    await events.list(applicationId, { ...EVERY_EVENT, ...filter }, PAGE);
  }

  await deliveries.find(applicationId, first.id);
  await deliveries.ofEvents([eventId]);
  const of = [{ endpointId }, { endpointId, status: "failed" as const }, { eventId }, { eventType: "a.b" }];
  for (const filter of [{}, { status: "held" as const }, { httpClass: 5 }, { from }, ...of]) {
    await deliveries.list(applicationId, { ...EVERY_DELIVERY, ...filter }, PAGE);
    await deliveries.list(
      applicationId,
      { ...EVERY_DELIVERY, ...filter },
      { ...PAGE, order: "oldest", after: first.id },
    );
  }
  await deliveries.idsOfEndpoint(endpointId, ["pending", "retrying"], null, 200);
  await deliveries.overdue(clock.at(3_600_000), { id: first.id, nextAttemptAt: clock.at() }, 200);
  await deliveries.ownerlessDue(clock.at(3_600_000), [ids.next("endpoint")], 200);
  await deliveries.ownerless(endpointId, clock.at(3_600_000), 200);
  await deliveries.takeOver(deliveryIds.slice(0, 20), null, "lane");
  await deliveries.park(deliveryIds.slice(0, 20), "lane", { reason: "rests", nextAttemptAt: clock.at(1_000) });
  await deliveries.reschedule([{ id: first.id, nextAttemptAt: clock.at(2_000) }]);
  await deliveries.settle([first.id], ["retrying"], { status: "cancelled", reason: "", nextAttemptAt: null });
  await deliveries.countByStatus({ eventId });
  await deliveries.countOfEndpoint(endpointId, ["held", "failed"]);

  for (const filter of [
    {},
    { endpointId },
    { eventId },
    { deliveryId: first.id },
    { outcome: "http.*" },
    { succeeded: false },
  ]) {
    await attempts.list(applicationId, { ...EVERY_ATTEMPT, ...filter }, PAGE);
  }
  await attempts.ofDelivery(first.id, 50);
  await attempts.ofDeliveries(deliveryIds.slice(0, 50));
  const keyId = "wh7";
  for (const of of [{ applicationId: null }, { applicationId }, { keyId }, { action: "keys.create" }]) {
    await audit.list({ ...NEVER, applicationId: null, action: null, keyId: null, ...of }, PAGE);
  }
}

test("no query of events, deliveries, attempts or the audit list reads a whole collection or sorts in memory", async (context) => {
  await createIndexes(database());
  await askEverything();
  const asked = seen.flatMap(({ name, command }) => explainable(name, command));
  const ofCommand = (it: Document): unknown => (it.find ?? it.update ?? it.aggregate) as unknown;
  const collections = new Set(asked.map(ofCommand));
  expect([...collections].sort()).toEqual(
    [COLLECTIONS.attempts, COLLECTIONS.audit, COLLECTIONS.deliveries, COLLECTIONS.events].sort(),
  );
  expect(asked.length).toBeGreaterThan(40);

  const explain = (command: Document): Promise<Document> =>
    database().command({ explain: command, verbosity: "queryPlanner" });
  try {
    await explain({ find: COLLECTIONS.events, filter: {} });
  } catch (error) {
    const reason = `the server explains no query (${String(error)}): MONGODB_URI names one that does`;
    process.stdout.write(`· plans are not looked at: ${reason}\n`);
    context.skip(reason);
  }
  expect(problemsIn(await explain({ find: COLLECTIONS.events, filter: { metadata: 1 } }))).not.toEqual([]);
  for (const command of asked) {
    const problems = problemsIn(await explain(command));
    expect({ command: JSON.stringify(command).slice(0, 500), problems }).toMatchObject({ problems: [] });
  }
});
