import { beforeAll, expect, test } from "vitest";
import { remedyOf } from "../../../core/outcome-help.js";
import type { Attempt, Delivery } from "../../../core/model.js";
import type { AttemptFilter } from "../../../core/store-ports.js";
import { attempted, EVERY_ATTEMPT } from "../samples.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;
const applicationId = ids.next("application");
const deliveries: Delivery[] = [];
const rows: Attempt[] = [];

beforeAll(async () => {
  const eventId = ids.next("event");
  for (const delivery of [
    samples.delivery({ applicationId, eventId }),
    samples.delivery({ applicationId, eventId }),
    samples.delivery({ applicationId }),
  ]) {
    deliveries.push(delivery);
    for (const number of [1, 2, 3]) {
      clock.ms += 1_000;
      const after = attempted(delivery, number);
      const refused = { outcome: "connect.refused", statusCode: null, responseBody: null } as const;
      const attempt = samples.attempt(after, { number, ...(number === 2 && refused) });
      rows.push(attempt);
      await fixture.store.deliveries.record({ delivery: after, attempt });
    }
  }
});

async function matching(filter: Partial<AttemptFilter>, application = applicationId): Promise<Attempt[]> {
  const page = { limit: 50, order: "oldest", after: null } as const;
  return (await fixture.store.attempts.list(application, { ...EVERY_ATTEMPT, ...filter }, page)).rows;
}

test("a list holds the attempts of its application, filtered by endpoint, event and delivery", async () => {
  const [first, , third] = deliveries;
  expect(await matching({})).toEqual(rows);
  expect(await matching({ endpointId: third?.endpointId ?? "" })).toEqual(rows.slice(6));
  expect(await matching({ eventId: first?.eventId ?? "" })).toEqual(rows.slice(0, 6));
  expect(await matching({ deliveryId: first?.id ?? "" })).toEqual(rows.slice(0, 3));
  expect(await matching({ deliveryId: first?.id ?? "", eventId: third?.eventId ?? "" })).toEqual([]);
});

test("a list filters by an exact outcome or by all of a kind", async () => {
  const refused = rows.filter((it) => it.number === 2);
  expect(await matching({ outcome: "connect.refused" })).toEqual(refused);
  expect(await matching({ outcome: "connect.*" })).toEqual(refused);
  expect(await matching({ outcome: "http.*" })).toHaveLength(6);
  expect(await matching({ outcome: "http.50" })).toEqual([]);
});

test("a list filters by success and by several types, together with everything else", async () => {
  const own = ids.next("application");
  const endpointId = ids.next("endpoint");
  const made: Attempt[] = [];
  for (const [eventType, outcome] of [
    ["sleep.created", "ok"],
    ["workout.created", "http.500"],
    ["steps.created", "http.503"],
    ["sleep.created", "http.500"],
  ] as const) {
    clock.ms += 1_000;
    const delivery = attempted(samples.delivery({ applicationId: own, endpointId, eventType }), 1);
    const attempt = samples.attempt(delivery, { outcome });
    made.push(attempt);
    await fixture.store.deliveries.record({ delivery, attempt });
  }
  const found = async (filter: Partial<AttemptFilter>): Promise<number[]> =>
    (await matching(filter, own)).map((row) => made.findIndex((it) => it.id === row.id));
  expect(await found({ succeeded: true })).toEqual([0]);
  expect(await found({ succeeded: false })).toEqual([1, 2, 3]);
  expect(await found({ eventTypes: ["sleep.created", "steps.created"] })).toEqual([0, 2, 3]);
  expect(await found({ eventTypes: [] })).toEqual([]);
  expect(await found({ endpointId, succeeded: false, eventTypes: ["sleep.created"] })).toEqual([3]);
  expect(await found({ succeeded: false, outcome: "http.*", until: made[2]?.startedAt ?? null })).toEqual([1]);
  expect(await found({ succeeded: true, outcome: "http.*" })).toEqual([]);
});

test("a filtered list goes on from any row in both directions", async () => {
  const filter = { ...EVERY_ATTEMPT, outcome: "http.*" };
  const failed = rows.filter((it) => it.outcome !== "connect.refused");
  const after = failed[3]?.id ?? "";
  const page = (order: "newest" | "oldest") =>
    fixture.store.attempts.list(applicationId, filter, { limit: 2, order, after });
  expect(await page("newest")).toEqual({ rows: [failed[2], failed[1]], next: failed[1]?.id });
  expect(await page("oldest")).toEqual({ rows: failed.slice(4), next: null });
});

test("a list filters by the time of the attempt, half-open", async () => {
  const at = (index: number): Date | null => rows[index]?.startedAt ?? null;
  expect(await matching({ from: at(2), until: at(4) })).toEqual(rows.slice(2, 4));
});

test("attempts of another application are invisible", async () => {
  const other = ids.next("application");
  const [row] = rows;
  expect(await matching({}, other)).toEqual([]);
  expect(await matching({ deliveryId: row?.deliveryId ?? "" }, other)).toEqual([]);
  expect(await fixture.store.attempts.find(other, row?.id ?? "")).toBeNull();
  expect(await fixture.store.attempts.find(applicationId, row?.id ?? "")).toEqual(row);
});

test("of a delivery with many attempts the newest are shown, oldest first", async () => {
  const id = deliveries[1]?.id ?? "";
  expect(await fixture.store.attempts.ofDelivery(id, 10)).toEqual(rows.slice(3, 6));
  expect(await fixture.store.attempts.ofDelivery(id, 2)).toEqual(rows.slice(4, 6));
});

test("the attempts of several deliveries come together", async () => {
  const some = [deliveries[2]?.id ?? "", deliveries[0]?.id ?? ""];
  expect(await fixture.store.attempts.ofDeliveries(some)).toEqual([...rows.slice(0, 3), ...rows.slice(6)]);
});

test("an attempt from before remedies were stored has the one of its outcome", async () => {
  const [attempt] = rows;
  if (attempt === undefined) throw new Error("there are nine");
  const old = { ...attempt, _id: ids.next("attempt"), id: undefined, outcome: "redirect", remedy: undefined };
  await fixture.raw("attempts").insertOne(old, { ignoreUndefined: true });

  const found = await fixture.store.attempts.find(applicationId, old._id);

  expect(found?.remedy).toBe(remedyOf("redirect"));
});
