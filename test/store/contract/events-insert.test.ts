import { expect, test } from "vitest";
import { useStore } from "./fixture.js";

let commands: string[] = [];
const fixture = useStore({ onCommand: (command) => void commands.push(command) });
const { samples, ids } = fixture;

test("an event comes back as it was written, its payload byte by byte", async () => {
  const event = samples.event({
    eventId: "order-1",
    channels: ["eu", "us"],
    metadata: { "trace.id": "$1" },
    payload: new Uint8Array([0, 255, 13, 10, 123]),
    endpointIds: [ids.next("endpoint")],
    test: true,
    deliverAt: fixture.clock.at(60_000),
    state: "scheduled",
    headStart: { processId: "p1", until: fixture.clock.at(5_000) },
  });
  expect(await fixture.store.events.insert(event)).toEqual({ kind: "inserted" });
  const found = await fixture.store.events.find(event.applicationId, event.id);
  expect({ ...found, payload: Uint8Array.from(found?.payload ?? []) }).toEqual(event);
});

test("the same eventId with the same content is a duplicate and answers the first event", async () => {
  const first = samples.event({ eventId: "repeat" });
  await fixture.store.events.insert(first);
  const answer = await fixture.store.events.insert(samples.event({ eventId: "repeat" }));
  expect(answer).toMatchObject({ kind: "duplicate", first: { id: first.id } });
});

test("the same eventId with other content is a conflict, and the first event stays as it was", async () => {
  const first = samples.event({ eventId: "clash", text: "one" });
  await fixture.store.events.insert(first);
  const answer = await fixture.store.events.insert(samples.event({ eventId: "clash", text: "two" }));
  expect(answer).toMatchObject({ kind: "conflict", first: { id: first.id } });
  const found = await fixture.store.events.find(first.applicationId, "clash");
  expect(found?.contentHash).toBe(first.contentHash);
});

test("an insert that is repeated with its own id is a duplicate of itself", async () => {
  const event = samples.event();
  await fixture.store.events.insert(event);
  expect(await fixture.store.events.insert(event)).toMatchObject({ kind: "duplicate", first: { id: event.id } });
});

test("two applications may use the same eventId", async () => {
  const mine = samples.event({ eventId: "shared" });
  const theirs = samples.event({ eventId: "shared", applicationId: ids.next("application") });
  await fixture.store.events.insert(mine);
  expect(await fixture.store.events.insert(theirs)).toEqual({ kind: "inserted" });
});

test("of equal eventIds in one group commit exactly one is inserted, and the others learn which", async () => {
  const same = Array.from({ length: 20 }, () => samples.event({ eventId: "race", text: "same" }));
  const others = Array.from({ length: 20 }, (_, index) => samples.event({ eventId: "race", text: `other ${index}` }));
  const alone = Array.from({ length: 20 }, (_, index) => samples.event({ eventId: `alone ${index}` }));
  const insert = (it: (typeof same)[number]) => fixture.store.events.insert(it);
  const [sameAnswers, otherAnswers, aloneAnswers] = await Promise.all([
    Promise.all(same.map(insert)),
    Promise.all(others.map(insert)),
    Promise.all(alone.map(insert)),
  ]);
  const winner = await fixture.store.events.find(same[0]?.applicationId ?? "", "race");
  expect(sameAnswers.filter((it) => it.kind === "inserted")).toHaveLength(1);
  expect(sameAnswers.filter((it) => it.kind === "duplicate" && it.first.id === winner?.id)).toHaveLength(19);
  expect(otherAnswers.every((it) => it.kind === "conflict" && it.first.id === winner?.id)).toBe(true);
  expect(aloneAnswers.every((it) => it.kind === "inserted")).toBe(true);
});

test("two processes that insert the same eventId at once agree on the first", async () => {
  const second = await fixture.second();
  for (let round = 0; round < 10; round += 1) {
    const eventId = `both ${round}`;
    const answers = await Promise.all(
      [fixture.store, second].map((it) => it.events.insert(samples.event({ eventId }))),
    );
    expect(answers.map((it) => it.kind).sort()).toEqual(["duplicate", "inserted"]);
  }
});

test("200 inserts at once take a few commands, each carrying what waited", async () => {
  commands = [];
  const events = Array.from({ length: 200 }, () => samples.event());
  const answers = await Promise.all(events.map((it) => fixture.store.events.insert(it)));
  expect(answers.every((it) => it.kind === "inserted")).toBe(true);
  const inserts = commands.filter((it) => it === "insert");
  expect(inserts.length).toBeGreaterThan(0);
  expect(inserts.length).toBeLessThan(10);
});

test("an event that cannot be written fails alone", async () => {
  const events = Array.from({ length: 10 }, () => samples.event());
  const [spoilt] = events;
  if (spoilt !== undefined) spoilt.payload = new Uint8Array(17 * 1024 * 1024);
  const answers = await Promise.allSettled(events.map((it) => fixture.store.events.insert(it)));
  expect(answers.map((it) => it.status)).toEqual(["rejected", ...Array.from({ length: 9 }, () => "fulfilled")]);
});
