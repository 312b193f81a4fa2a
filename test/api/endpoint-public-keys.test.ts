/** Endpoints that sign with a key pair as well: on, off, the public half by API, and the private half nowhere. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { SigningSecret } from "../../core/model.js";
import { publicKeyOf } from "../../egress/signature-v1a.js";
import { UnreadableSecret } from "../../store/sealing/unreadable-secret.js";
import { startApi } from "../support/api-server.js";
import type { Answer, ApiServer } from "../support/api-server.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  api.state.endpoints.clear();
  api.state.audit.clear();
});
afterAll(() => api.close());

const BOTH = ["v1", "v1a"];
const create = (fields: Record<string, unknown> = {}) =>
  api.call("POST", "/v1/endpoints", { body: { url: "https://receiver.example/hook", ...fields } });
const change = (id: string, fields: Record<string, unknown>) =>
  api.call("PATCH", `/v1/endpoints/${id}`, { body: fields });
const publicKeys = (id: string) => api.call("GET", `/v1/endpoints/${id}/public-key`);
const rotate = (id: string, body: Record<string, unknown> = {}) =>
  api.call("POST", `/v1/endpoints/${id}/public-key/rotate`, { body });
const stored = (id: string): readonly SigningSecret[] => api.state.endpoints.get(id)?.asymmetricKeys ?? [];

/** What an answer must show of the keys that are stored. */
const shown = (id: string) =>
  stored(id).map(({ key, createdAt, expiresAt }) => ({
    key: publicKeyOf(key),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  }));

async function signing(): Promise<string> {
  return (await create({ signatures: BOTH })).textAt("id");
}

test("an endpoint signs with v1 alone unless v1a is asked for, which makes a key pair", async () => {
  expect((await create()).at("signatures")).toEqual(["v1"]);
  const created = await create({ signatures: ["v1a", "v1"] });
  expect([created.status, created.at("signatures")]).toEqual([201, BOTH]);
  const id = created.textAt("id");
  expect(stored(id)).toHaveLength(1);
  const answer = await publicKeys(id);
  expect([answer.status, answer.body]).toEqual([200, { keys: shown(id) }]);
  expect(answer.text).toMatch(/"whpk_[A-Za-z0-9+/]{43}="/);
});

test("two endpoints never have the same key", async () => {
  const [one, other] = [await signing(), await signing()];
  expect((await publicKeys(one)).at("keys")).not.toEqual((await publicKeys(other)).at("keys"));
});

test("v1a is turned on and off by an update, and on again with another pair", async () => {
  const id = (await create({ profile: "svix" })).textAt("id");
  expect((await change(id, { signatures: BOTH })).at("signatures")).toEqual(BOTH);
  const first = await publicKeys(id);
  expect(first.status).toBe(200);
  expect((await change(id, { signatures: ["v1"] })).at("signatures")).toEqual(["v1"]);
  expect(stored(id)).toEqual([]);
  expect((await publicKeys(id)).status).toBe(409);
  await change(id, { signatures: BOTH });
  expect((await publicKeys(id)).at("keys.0.key")).not.toBe(first.at("keys.0.key"));
});

test("an update that does not name signatures, or names those it has, keeps the pairs", async () => {
  const id = await signing();
  await rotate(id);
  const before = await publicKeys(id);
  for (const fields of [{ description: "x" }, { signatures: BOTH }, { profile: "svix" }, {}]) {
    expect((await change(id, fields)).at("signatures")).toEqual(BOTH);
    expect((await publicKeys(id)).body).toEqual(before.body);
  }
});

test.each([[[]], [["v1a"]], [["v1", "v1"]], [["v1", "v2"]], ["v1"], [null]])(
  "signatures cannot be %j, which changes nothing",
  async (signatures) => {
    const id = await signing();
    const before = await publicKeys(id);
    for (const answer of [await create({ signatures }), await change(id, { signatures })]) {
      expect([answer.status, answer.at("code")]).toEqual([400, "invalid_input"]);
      expect(answer.textAt("issues.0.path")).toMatch(/^signatures/);
    }
    expect((await publicKeys(id)).body).toEqual(before.body);
    expect(api.state.endpoints.size).toBe(1);
  },
);

test("an endpoint of the profile metriport signs in its own form, and says so wherever the others are asked for", async () => {
  const metriport = await create({ profile: "metriport" });
  const id = metriport.textAt("id");
  expect(metriport.at("signatures")).toEqual([]);
  for (const signatures of [BOTH, ["v1"]]) {
    for (const answer of [await create({ profile: "metriport", signatures }), await change(id, { signatures })]) {
      expect([answer.status, answer.at("code")]).toEqual([400, "invalid_input"]);
      expect(answer.textAt("issues.0.message")).toContain("profile metriport");
    }
  }
  for (const answer of [await publicKeys(id), await rotate(id)]) {
    expect([answer.status, answer.at("code")]).toEqual([409, "conflict"]);
    expect(answer.textAt("message")).toContain("webhook key");
  }
  // What an answer showed can be sent back.
  expect((await change(id, { signatures: [] })).status).toBe(200);
  expect(stored(id)).toEqual([]);
});

test("without a key pair there is no public key, and the refusal says how to get one", async () => {
  const id = (await create()).textAt("id");
  for (const answer of [await publicKeys(id), await rotate(id)]) {
    expect([answer.status, answer.at("code")]).toEqual([409, "conflict"]);
    expect(answer.textAt("message")).toContain('{"signatures": ["v1", "v1a"]}');
  }
  expect(stored(id)).toEqual([]);
});

test("a rotated pair signs until its grace ends, a day if nothing is said", async () => {
  const id = await signing();
  const [old] = stored(id);
  const rotated = await rotate(id);
  expect([rotated.status, rotated.body]).toEqual([200, { keys: shown(id) }]);
  expect((await publicKeys(id)).body).toEqual(rotated.body);
  const [current, before] = stored(id);
  expect(current?.expiresAt).toBeNull();
  expect(before?.key).toBe(old?.key);
  expect((before?.expiresAt?.getTime() ?? 0) - (current?.createdAt.getTime() ?? 0)).toBe(86_400_000);

  // A shorter grace holds for those that were on their way out already.
  await rotate(id, { gracePeriodSeconds: 60 });
  const [newest, ...others] = stored(id);
  expect(others).toHaveLength(2);
  const latest = (newest?.createdAt.getTime() ?? 0) + 60_000;
  for (const { expiresAt } of others) expect(expiresAt?.getTime()).toBeLessThanOrEqual(latest);
  expect((await rotate(id, { gracePeriodSeconds: 0 })).at("keys")).toHaveLength(1);
});

test("at most five pairs are alive", async () => {
  const id = await signing();
  for (let n = 0; n < 7; n += 1) await rotate(id);
  expect(stored(id)).toHaveLength(5);
  expect((await publicKeys(id)).at("keys")).toHaveLength(5);
});

test("a key that has expired is not shown any more", async () => {
  const id = await signing();
  await rotate(id);
  const endpoint = api.state.endpoints.get(id);
  if (endpoint === undefined) throw new Error("it was created");
  const [current, old] = stored(id);
  if (current === undefined || old === undefined) throw new Error("it was rotated");
  const ended = { ...old, expiresAt: new Date(Date.now() - 1) };
  api.state.endpoints.set(id, { ...endpoint, asymmetricKeys: [current, ended] });
  expect((await publicKeys(id)).body).toEqual({ keys: shown(id).slice(0, 1) });
});

test("a pair that cannot be read is replaced where its grace is none, or dropped, and otherwise stays as it is", async () => {
  const id = await signing();
  const endpoint = api.state.endpoints.get(id);
  if (endpoint === undefined) throw new Error("it was created");
  const key = new UnreadableSecret("v1.lost.x.y", "a place", "sealed with a key that is lost");
  const lose = () =>
    api.state.endpoints.set(id, {
      ...endpoint,
      asymmetricKeys: [{ key, createdAt: new Date(), expiresAt: null }],
    });
  lose();
  expect([(await publicKeys(id)).status, (await rotate(id)).status]).toEqual([500, 500]);
  expect(stored(id).map((it) => it.key)).toEqual([key]);
  expect((await api.call("GET", `/v1/endpoints/${id}`)).at("signatures")).toEqual(BOTH);
  expect((await rotate(id, { gracePeriodSeconds: 0 })).body).toEqual({ keys: shown(id) });
  lose();
  expect((await change(id, { signatures: ["v1"] })).at("signatures")).toEqual(["v1"]);
});

test.each([{ key: "whsk_x" }, { gracePeriodSeconds: -1 }, { gracePeriodSeconds: 604_801 }])(
  "a rotation with %j is refused and changes nothing",
  async (body) => {
    const id = await signing();
    const before = await publicKeys(id);
    expect((await rotate(id, body)).at("code")).toBe("invalid_input");
    expect((await publicKeys(id)).body).toEqual(before.body);
  },
);

test("reading needs endpoints:read and not secrets:read, rotating endpoints:write", async () => {
  const id = await signing();
  const [applicationId = ""] = api.state.applications.keys();
  const reader = api.keyFor(applicationId, { scopes: ["endpoints:read"] });
  const writer = api.keyFor(applicationId, { scopes: ["endpoints:write"] });
  const asked = async (key: string) => [
    (await api.call("GET", `/v1/endpoints/${id}/public-key`, { key })).status,
    (await api.call("POST", `/v1/endpoints/${id}/public-key/rotate`, { key })).status,
  ];
  expect(await asked(reader)).toEqual([200, 403]);
  expect(await asked(writer)).toEqual([403, 200]);
});

test("another application learns nothing of the keys and changes nothing", async () => {
  const id = await signing();
  const before = shown(id);
  const other = (await api.call("POST", "/v1/applications", { body: { name: "other" } })).textAt("id");
  const key = api.keyFor(other);
  expect((await api.call("GET", `/v1/endpoints/${id}/public-key`, { key })).status).toBe(404);
  expect((await api.call("POST", `/v1/endpoints/${id}/public-key/rotate`, { key })).status).toBe(404);
  expect(shown(id)).toEqual(before);
});

test("the private key is in no answer and on no list, and the audit says what changed without it", async () => {
  const id = (await create()).textAt("id");
  const answers: Answer[] = [await change(id, { signatures: BOTH })];
  const seeds = () => stored(id).map((it) => it.key.reveal());
  const all = new Set(seeds());
  answers.push(await rotate(id));
  for (const seed of seeds()) all.add(seed);
  answers.push(
    await publicKeys(id),
    await api.call("GET", `/v1/endpoints/${id}`),
    await api.call("GET", "/v1/endpoints"),
  );
  answers.push(await change(id, { signatures: ["v1"] }), await api.call("GET", "/v1/audit"));
  const entries = [...api.state.audit.values()];
  expect(entries.map((it) => [it.action, it.before, it.after]).slice(1)).toEqual([
    ["endpoints.update", { signatures: ["v1"] }, { signatures: BOTH }],
    ["endpoints.rotatePublicKey", null, null],
    ["endpoints.update", { signatures: BOTH }, { signatures: ["v1"] }],
  ]);
  const texts = [...answers.map((it) => it.text), JSON.stringify(entries)].join("\n");
  expect(all.size).toBe(2);
  expect(texts).not.toContain("whsk_");
  for (const seed of all) expect(texts).not.toContain(seed.slice("whsk_".length, "whsk_".length + 42));
});

test("Open Wearables' and Metriport's answers are as they were", async () => {
  const id = (await create({ profile: "svix", signatures: BOTH })).textAt("id");
  const shownThere = await api.call("GET", `/api/v1/webhooks/endpoints/${id}`);
  expect(shownThere.status).toBe(200);
  expect(shownThere.text).not.toMatch(/signatures|asymmetric|whpk_/);
});
