/** What a stolen database shows of endpoints, and what happens to values that do not open. */
import { BSON } from "mongodb";
import { expect, test } from "vitest";
import type { Endpoint } from "../../../core/model.js";
import type { LogFields } from "../../../core/log-fields.js";
import { Secret } from "../../../core/secret.js";
import { keyEntry, ringOf, TEST_KEYS } from "../../support/key-ring.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { samples, ids, clock } = fixture;

const SECRETS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"] as const;
const HEADERS = { Authorization: "Bearer top-secret-token", "X.Region": "secret-region", __proto__x: "" };

function endpointWith(change: Partial<Endpoint> = {}): Endpoint {
  return samples.endpoint({
    applicationId: ids.next("application"),
    headers: HEADERS,
    secrets: SECRETS.map((text, index) => ({
      key: new Secret(text),
      createdAt: clock.at(-index),
      expiresAt: index === 0 ? null : clock.at(60_000),
    })),
    ...change,
  });
}

const revealed = (endpoint: Endpoint | null | undefined) => endpoint?.secrets.map((it) => it.key.reveal());

async function rawOf(id: string): Promise<Record<string, unknown>> {
  return (await fixture.raw("endpoints").findOne({ _id: id })) ?? {};
}

/** Everything that a document holds, as bytes on disk and as text. */
async function stolen(id: string): Promise<string> {
  const document = await rawOf(id);
  return Buffer.from(BSON.serialize(document)).toString("latin1") + JSON.stringify(document);
}

/** As documents were written before values were sealed. */
async function writePlain(endpoint: Endpoint): Promise<void> {
  await fixture.store.endpoints.insert(endpoint);
  await fixture.raw("endpoints").updateOne(
    { _id: endpoint.id },
    {
      $set: {
        headers: Object.entries(endpoint.headers),
        secrets: endpoint.secrets.map((it) => ({ ...it, key: it.key.reveal() })),
      },
      $unset: { sealedHeaders: "" },
    },
  );
}

test("the database holds no secret and no header value in plain text, after an insert and after each change", async () => {
  const { endpoints } = fixture.store;
  const endpoint = endpointWith();
  const plain = [...SECRETS, ...SECRETS.map((it) => it.slice(6)), ...Object.values(HEADERS).filter((it) => it !== "")];
  await endpoints.insert(endpoint);
  for (const change of [null, { headers: HEADERS }, { secrets: endpoint.secrets }, { description: "changed" }]) {
    if (change !== null) await endpoints.update(endpoint.applicationId, endpoint.id, change);
    const bytes = await stolen(endpoint.id);
    for (const text of plain) expect(bytes).not.toContain(text);
    expect(bytes).toContain("X.Region");
  }
  expect((await endpoints.findById(endpoint.id))?.headers).toEqual(HEADERS);
});

test("a key of the profile metriport is sealed like any other", async () => {
  const key = new Secret("plain-webhook-key-of-metriport");
  const endpoint = endpointWith({ profile: "metriport", secrets: [{ key, createdAt: clock.at(), expiresAt: null }] });
  await fixture.store.endpoints.insert(endpoint);
  expect(await stolen(endpoint.id)).not.toContain(key.reveal());
  expect(revealed(await fixture.store.endpoints.findById(endpoint.id))).toEqual([key.reveal()]);
});

test("an unchanged secret is the same object in every snapshot, so that its key is prepared once", async () => {
  const { endpoints, directory } = fixture.store;
  const endpoint = endpointWith();
  await endpoints.insert(endpoint);
  const [before] = await directory.of(endpoint.applicationId);
  clock.ms += 1_000;
  await endpoints.update(endpoint.applicationId, endpoint.id, { description: "changed" });
  const [after] = await directory.of(endpoint.applicationId);
  expect(after).not.toBe(before);
  expect(after?.description).toBe("changed");
  expect(after?.secrets[0]?.key).toBe(before?.secrets[0]?.key);
});

test("documents with plain values are read, and sealed by the next write of whatever field", async () => {
  const { endpoints } = fixture.store;
  const endpoint = endpointWith();
  await writePlain(endpoint);
  expect(await stolen(endpoint.id)).toContain(SECRETS[0]);
  const found = await endpoints.findById(endpoint.id);
  expect(found).toEqual(endpoint);
  expect(revealed(found)).toEqual(SECRETS);

  clock.ms += 1;
  const change = { status: "paused", statusReason: "manual" } as const;
  const updated = await endpoints.update(endpoint.applicationId, endpoint.id, change);
  expect(updated).toEqual({ kind: "inserted", row: { ...endpoint, ...change, updatedAt: clock.at() } });
  const bytes = await stolen(endpoint.id);
  for (const text of [...SECRETS, HEADERS.Authorization]) expect(bytes).not.toContain(text);
  const after = await endpoints.findById(endpoint.id);
  expect(after).toEqual({ ...endpoint, ...change, updatedAt: clock.at() });
  expect(revealed(after)).toEqual(SECRETS);
});

test("a plain value that looks like a sealed one is read as it is", async () => {
  const text = "v1.main.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA";
  const endpoint = endpointWith({
    headers: { "x-token": text },
    secrets: [{ key: new Secret(text), createdAt: clock.at(), expiresAt: null }],
  });
  for (const write of [writePlain, (it: Endpoint) => fixture.store.endpoints.insert(it)]) {
    const each = { ...endpoint, id: ids.next("endpoint") };
    await write(each);
    const found = await fixture.store.endpoints.findById(each.id);
    expect(found?.headers).toEqual({ "x-token": text });
    expect(revealed(found)).toEqual([text]);
  }
});

test("values that were moved to another endpoint do not open there", async () => {
  const [mine, theirs] = [endpointWith(), endpointWith()];
  await fixture.store.endpoints.insert(mine);
  await fixture.store.endpoints.insert(theirs);
  const { secrets, sealedHeaders } = await rawOf(theirs.id);
  await fixture.raw("endpoints").updateOne({ _id: mine.id }, { $set: { secrets, sealedHeaders } });
  const found = await fixture.store.endpoints.findById(mine.id);
  expect(() => revealed(found)).toThrow(`stored document endpoints/${mine.id}: secret `);
  expect(() => found?.headers.Authorization).toThrow(`stored document endpoints/${mine.id}: header Authorization `);
});

test("an endpoint whose key is lost is there, with the others, and only its own values cannot be read", async () => {
  const lines: LogFields[] = [];
  const ignore = (): void => undefined;
  const log = { info: ignore, warn: ignore, debug: ignore, error: (fields: LogFields) => void lines.push(fields) };
  const other = await fixture.second({ encryptionKeys: ringOf(keyEntry("lost")) });
  const here = await fixture.second({ encryptionKeys: TEST_KEYS, log });
  const applicationId = ids.next("application");
  const [lost, kept] = [endpointWith({ applicationId }), endpointWith({ applicationId })];
  await other.endpoints.insert(lost);
  await here.endpoints.insert(kept);

  const all = await here.directory.of(applicationId);
  expect(all.map((it) => it.id)).toEqual([lost.id, kept.id]);
  expect(revealed(all[1])).toEqual(SECRETS);
  expect(all[1]?.headers).toEqual(HEADERS);
  expect(Object.keys(all[0]?.headers ?? {})).toEqual(Object.keys(HEADERS));
  expect(() => revealed(all[0])).toThrow(/sealed with the key lost, which POSTHORN_ENCRYPTION_KEYS does not have/);
  expect(() => ({ ...all[0]?.headers })).toThrow(expect.objectContaining({ code: "internal" }));
  expect(new Set(lines.map((it) => `${String(it.endpointId)} ${String(it.kid)}`))).toEqual(
    new Set([`${lost.id} lost`]),
  );

  const before = await rawOf(lost.id);
  await here.endpoints.update(applicationId, lost.id, { description: "still changeable" });
  const newest = { key: new Secret("whsec_newest"), createdAt: clock.at(5), expiresAt: null };
  await here.endpoints.update(applicationId, lost.id, { secrets: [newest, ...(all[0]?.secrets ?? [])] });
  expect((await here.endpoints.findById(lost.id))?.secrets[0]?.key.reveal()).toBe("whsec_newest");
  expect((await rawOf(lost.id)).sealedHeaders).toEqual(before.sealedHeaders);
  // With the key found again, nothing is lost.
  const both = await fixture.second({ encryptionKeys: ringOf(keyEntry("test"), keyEntry("lost")) });
  const found = await both.endpoints.findById(lost.id);
  expect(revealed(found)).toEqual(["whsec_newest", ...SECRETS]);
  expect(found?.headers).toEqual(HEADERS);
});
