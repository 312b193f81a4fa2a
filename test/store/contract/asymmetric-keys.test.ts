/** Private keys in the database: sealed from the first write on, moved with every other value, and absent where there are none. */
import { BSON } from "mongodb";
import { expect, test } from "vitest";
import type { Endpoint, SigningSecret } from "../../../core/model.js";
import { Secret } from "../../../core/secret.js";
import { keyEntry, ringOf } from "../../support/key-ring.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;

const KEYS = [
  "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
  "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==",
] as const;
const BOTH = ringOf(keyEntry("next"), keyEntry("test"));

const asymmetricKeys: SigningSecret[] = KEYS.map((text, index) => ({
  key: new Secret(text),
  createdAt: clock.at(-index),
  expiresAt: index === 0 ? null : clock.at(60_000),
}));

async function inserted(change: Partial<Endpoint> = {}): Promise<Endpoint> {
  const endpoint = samples.endpoint({ headers: { "x-token": "t" }, asymmetricKeys, ...change });
  await fixture.store.endpoints.insert(endpoint);
  return endpoint;
}

async function rawOf(id: string): Promise<Record<string, unknown>> {
  return (await fixture.raw("endpoints").findOne({ _id: id })) ?? {};
}

/** Everything that a document holds, as bytes on disk and as text. */
async function stolen(id: string): Promise<string> {
  const document = await rawOf(id);
  return Buffer.from(BSON.serialize(document)).toString("latin1") + JSON.stringify(document);
}

const revealed = (endpoint: Endpoint | null) => endpoint?.asymmetricKeys.map((it) => it.key.reveal());

test("private keys come back as they were, and the database holds nothing of them in plain text", async () => {
  const { endpoints } = fixture.store;
  const none = await inserted({ asymmetricKeys: [] });
  for (const endpoint of [await inserted(), none]) {
    if (endpoint === none) await endpoints.update(endpoint.applicationId, endpoint.id, { asymmetricKeys });
    const found = await endpoints.findById(endpoint.id);
    expect(found?.asymmetricKeys).toEqual(asymmetricKeys);
    expect(revealed(found)).toEqual(KEYS);
    const bytes = await stolen(endpoint.id);
    for (const text of KEYS) {
      const halves = [text.slice(5, 45), text.slice(50)];
      for (const part of ["whsk_", ...halves]) expect(bytes).not.toContain(part);
      expect(bytes).not.toContain(Buffer.from(text.slice(5), "base64").toString("latin1"));
    }
  }
});

test("without private keys there is nothing of them, in a document from before they were or after they were dropped", async () => {
  const { endpoints } = fixture.store;
  const older = await inserted({ asymmetricKeys: [] });
  await fixture.raw("endpoints").updateOne({ _id: older.id }, { $unset: { asymmetricKeys: "" } });
  expect(await endpoints.findById(older.id)).toEqual(older);
  await endpoints.update(older.applicationId, older.id, { description: "changed" });
  expect((await endpoints.findById(older.id))?.asymmetricKeys).toEqual([]);

  const dropped = await inserted();
  await endpoints.update(dropped.applicationId, dropped.id, { asymmetricKeys: [] });
  expect((await endpoints.findById(dropped.id))?.asymmetricKeys).toEqual([]);
  expect((await rawOf(dropped.id)).asymmetricKeys).toEqual([]);
});

test("an unchanged key is the same object at each reading, so that it is prepared once", async () => {
  const endpoint = await inserted();
  const [before, after] = [
    await fixture.store.endpoints.findById(endpoint.id),
    await fixture.store.endpoints.findById(endpoint.id),
  ];
  expect(before?.asymmetricKeys[0]?.key).toBe(after?.asymmetricKeys[0]?.key);
});

test("a key does not open at another endpoint, nor in the place of a secret, and the error does not show it", async () => {
  const [mine, theirs] = [await inserted(), await inserted()];
  const collection = fixture.raw("endpoints");
  const { asymmetricKeys: sealed } = await rawOf(theirs.id);
  await collection.updateOne({ _id: mine.id }, { $set: { asymmetricKeys: sealed } });
  const moved = await fixture.store.endpoints.findById(mine.id);
  expect(() => revealed(moved)).toThrow(`stored document endpoints/${mine.id}: asymmetric-key `);
  await collection.updateOne({ _id: theirs.id }, { $set: { secrets: sealed } });
  const mistaken = await fixture.store.endpoints.findById(theirs.id);
  expect(() => mistaken?.secrets.map((it) => it.key.reveal())).toThrow(/: secret .* does not open/);
});

test("a key that is not sealed is no key: nobody can plant one", async () => {
  const endpoint = await inserted();
  const planted = [{ key: KEYS[0], createdAt: clock.at(), expiresAt: null }];
  await fixture.raw("endpoints").updateOne({ _id: endpoint.id }, { $set: { asymmetricKeys: planted } });
  await expect(fixture.store.endpoints.findById(endpoint.id)).rejects.toThrow("sealedKey");
});

test("a rotation of the encryption keys counts private keys and moves them, too", async () => {
  await fixture.raw("endpoints").deleteMany({});
  const endpoint = await inserted();
  const store = await fixture.second({ encryptionKeys: BOTH });
  // One secret, two private keys and one header.
  expect(await store.sealedValues.counts()).toEqual({ byKid: new Map([["test", 4]]), plain: 0 });
  expect(await store.sealedValues.rotate()).toEqual({ values: 4, endpointsLeft: 0 });
  expect(await store.sealedValues.counts()).toEqual({ byKid: new Map([["next", 4]]), plain: 0 });
  expect(await store.sealedValues.rotate()).toEqual({ values: 0, endpointsLeft: 0 });
  const onlyNext = await fixture.second({ encryptionKeys: ringOf(keyEntry("next")) });
  const found = await onlyNext.endpoints.findById(endpoint.id);
  expect(found).toEqual(endpoint);
  expect(revealed(found)).toEqual(KEYS);
});

test("a change of the private keys during a rotation wins", async () => {
  await fixture.raw("endpoints").deleteMany({});
  const endpoints = await Promise.all(Array.from({ length: 5 }, () => inserted()));
  const rotating = await fixture.second({ encryptionKeys: BOTH });
  const changes = Promise.all(
    endpoints.map(async ({ applicationId, id }) => {
      for (let round = 0; round < 10; round += 1) {
        const key = new Secret(`whsk_${id}_${round}`);
        await fixture.store.endpoints.update(applicationId, id, {
          asymmetricKeys: [{ key, createdAt: clock.at(round), expiresAt: null }],
        });
      }
    }),
  );
  for (let round = 0; round < 5; round += 1) await rotating.sealedValues.rotate();
  await changes;
  await rotating.sealedValues.rotate();
  const after = await fixture.second({ encryptionKeys: ringOf(keyEntry("next")) });
  for (const { id } of endpoints) expect(revealed(await after.endpoints.findById(id))).toEqual([`whsk_${id}_9`]);
});

test("keys whose encryption key is lost stay as they are until it is found", async () => {
  const other = await fixture.second({ encryptionKeys: ringOf(keyEntry("lost")) });
  const lost = samples.endpoint({ applicationId: ids.next("application"), asymmetricKeys });
  await other.endpoints.insert(lost);
  const found = await fixture.store.endpoints.findById(lost.id);
  expect(() => revealed(found)).toThrow(/sealed with the key lost/);
  const before = await rawOf(lost.id);
  await fixture.store.endpoints.update(lost.applicationId, lost.id, { description: "still changeable" });
  expect((await rawOf(lost.id)).asymmetricKeys).toEqual(before.asymmetricKeys);
  expect(revealed(await other.endpoints.findById(lost.id))).toEqual(KEYS);
});
