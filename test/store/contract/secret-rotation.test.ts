/** Moving everything to a new key while others go on working. */
import { expect, test } from "vitest";
import type { Endpoint } from "../../../core/model.js";
import { Secret } from "../../../core/secret.js";
import { Sealer } from "../../../store/sealing/sealer.js";
import { resealDocument } from "../../../store/sealing/reseal.js";
import { Table } from "../../../store/table.js";
import { keyEntry, ringOf } from "../../support/key-ring.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, clock } = fixture;
const BOTH = ringOf(keyEntry("next"), keyEntry("test"));

/** One secret and one header. */
const inserted = async (change: Partial<Endpoint> = {}): Promise<Endpoint> => {
  const endpoint = samples.endpoint({ headers: { "x-token": "t" }, ...change });
  await fixture.store.endpoints.insert(endpoint);
  return endpoint;
};

const emptied = () => fixture.raw("endpoints").deleteMany({});
const secretsOf = (endpoint: Endpoint | null) => endpoint?.secrets.map((it) => it.key.reveal());

test("a rotation moves every value of every endpoint, changes nothing else, and has nothing left to do", async () => {
  await emptied();
  // More than a page.
  const endpoints = await Promise.all(Array.from({ length: 120 }, () => inserted()));
  const store = await fixture.second({ encryptionKeys: BOTH });
  expect(await store.sealedValues.counts()).toEqual({ byKid: new Map([["test", 240]]), plain: 0 });
  expect(await store.sealedValues.rotate()).toEqual({ values: 240, endpointsLeft: 0 });
  expect(await store.sealedValues.counts()).toEqual({ byKid: new Map([["next", 240]]), plain: 0 });
  expect(await store.sealedValues.rotate()).toEqual({ values: 0, endpointsLeft: 0 });

  const onlyNext = await fixture.second({ encryptionKeys: ringOf(keyEntry("next")) });
  for (const endpoint of endpoints.slice(0, 10)) {
    const found = await onlyNext.endpoints.findById(endpoint.id);
    expect(found).toEqual(endpoint);
    expect(secretsOf(found)).toEqual(secretsOf(endpoint));
  }
});

test("plain values and values under several keys end under the active one; what does not open stays as it is", async () => {
  await emptied();
  const plain = await inserted();
  const [secret] = plain.secrets;
  await fixture.raw("endpoints").updateOne(
    { _id: plain.id },
    {
      $set: { headers: [["x-token", "t"]], secrets: [{ ...secret, key: secret?.key.reveal() }] },
      $unset: { sealedHeaders: "" },
    },
  );
  const lost = samples.endpoint();
  await (await fixture.second({ encryptionKeys: ringOf(keyEntry("lost")) })).endpoints.insert(lost);
  await inserted();

  const store = await fixture.second({ encryptionKeys: BOTH });
  const before = await store.sealedValues.counts();
  expect(before).toEqual({ byKid: new Map(Object.entries({ lost: 2, test: 2 })), plain: 2 });
  expect(await store.sealedValues.rotate()).toEqual({ values: 4, endpointsLeft: 0 });
  expect(await store.sealedValues.counts()).toEqual({ byKid: new Map(Object.entries({ lost: 2, next: 4 })), plain: 0 });
  expect(await store.endpoints.findById(plain.id)).toEqual(plain);
});

test("a change that is made between reading and writing wins, and ends under the active key, too", async () => {
  const endpoint = await inserted();
  const collection = fixture.raw("endpoints");
  const read = await collection.findOne({ _id: endpoint.id });
  if (read === null) throw new Error("it was inserted");
  const rotated = [{ key: new Secret("whsec_new"), createdAt: clock.at(1), expiresAt: null }];
  // Within the same millisecond: the time of the update tells nothing.
  await fixture.store.endpoints.update(endpoint.applicationId, endpoint.id, { secrets: rotated });
  const result = await resealDocument(new Table(collection), new Sealer({ ring: BOTH }), read);
  expect(result).toEqual({ kind: "done", values: 2 });
  const store = await fixture.second({ encryptionKeys: ringOf(keyEntry("next")) });
  expect(secretsOf(await store.endpoints.findById(endpoint.id))).toEqual(["whsec_new"]);
});

test("a change of another field between reading and writing stays", async () => {
  const endpoint = await inserted();
  const collection = fixture.raw("endpoints");
  const read = await collection.findOne({ _id: endpoint.id });
  if (read === null) throw new Error("it was inserted");
  await fixture.store.endpoints.update(endpoint.applicationId, endpoint.id, { description: "changed meanwhile" });
  expect(await resealDocument(new Table(collection), new Sealer({ ring: BOTH }), read)).toMatchObject({ kind: "done" });
  const store = await fixture.second({ encryptionKeys: BOTH });
  expect((await store.endpoints.findById(endpoint.id))?.description).toBe("changed meanwhile");
});

test("an endpoint that is deleted meanwhile stays deleted", async () => {
  const endpoint = await inserted();
  const collection = fixture.raw("endpoints");
  const read = await collection.findOne({ _id: endpoint.id });
  if (read === null) throw new Error("it was inserted");
  await fixture.store.endpoints.delete(endpoint.applicationId, endpoint.id);
  const result = await resealDocument(new Table(collection), new Sealer({ ring: BOTH }), read);
  expect(result).toEqual({ kind: "done", values: 0 });
  expect(await fixture.store.endpoints.findById(endpoint.id)).toBeNull();
});

test("secrets that change all the time during a rotation are never lost", async () => {
  await emptied();
  const endpoints = await Promise.all(Array.from({ length: 20 }, () => inserted()));
  // A process that still seals with the key before.
  const old = await fixture.second({ encryptionKeys: ringOf(keyEntry("test"), keyEntry("next")) });
  const rotating = await fixture.second({ encryptionKeys: BOTH });
  const written = new Map<string, string>();
  const change = async ({ id, applicationId }: Endpoint, round: number): Promise<void> => {
    const text = `whsec_${id}_${round}`;
    await old.endpoints.update(applicationId, id, {
      secrets: [{ key: new Secret(text), createdAt: clock.at(round), expiresAt: null }],
    });
    written.set(id, text);
  };
  const changes = Promise.all(
    endpoints.map(async (endpoint) => {
      for (let round = 0; round < 10; round += 1) await change(endpoint, round);
    }),
  );
  for (let round = 0; round < 5; round += 1) await rotating.sealedValues.rotate();
  await changes;
  await rotating.sealedValues.rotate();
  expect([...(await rotating.sealedValues.counts()).byKid.keys()]).toEqual(["next"]);
  const after = await fixture.second({ encryptionKeys: ringOf(keyEntry("next")) });
  for (const { id } of endpoints) expect(secretsOf(await after.endpoints.findById(id))).toEqual([written.get(id)]);
});

test("processes with both keys read what the other one wrote while a rotation is on its way", async () => {
  const first = await fixture.second({ encryptionKeys: ringOf(keyEntry("test"), keyEntry("next")) });
  const second = await fixture.second({ encryptionKeys: BOTH });
  const endpoint = await inserted();
  await second.sealedValues.rotate();
  expect(secretsOf(await first.endpoints.findById(endpoint.id))).toEqual(secretsOf(endpoint));
  await first.endpoints.update(endpoint.applicationId, endpoint.id, { headers: { "x-token": "by the first" } });
  expect((await second.endpoints.findById(endpoint.id))?.headers).toEqual({ "x-token": "by the first" });
});
