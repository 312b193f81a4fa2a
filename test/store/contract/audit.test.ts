import { expect, test } from "vitest";
import type { AuditEntry } from "../../../core/model.js";
import type { AuditFilter, PageRequest } from "../../../core/store-ports.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const { clock, ids } = fixture;
const EVERYTHING: AuditFilter = { applicationId: null, action: null, keyId: null, from: null, until: null };
const PAGE: PageRequest = { limit: 250, order: "oldest", after: null };

function entry(fields: Partial<AuditEntry> = {}): AuditEntry {
  const id = ids.next("audit");
  return {
    id,
    applicationId: null,
    at: new Date(ids.timeOf(id)),
    keyId: "open-access",
    requestId: "req_1",
    action: "endpoints.update",
    targetIds: ["ep_1"],
    before: null,
    after: null,
    error: null,
    ...fields,
  };
}

test("an entry comes back as it was written, with names of fields that MongoDB would not take", async () => {
  const { audit } = fixture.store;
  const applicationId = ids.next("application");
  const written = entry({ applicationId, before: { $set: { "a.b": null } }, after: { list: [1, "x"] } });
  const failed = entry({ applicationId, error: "engine_unavailable" });
  for (const it of [written, failed]) await audit.append(it);
  expect((await audit.list({ ...EVERYTHING, applicationId }, PAGE)).rows).toEqual([written, failed]);
});

test("each filter finds what it names, and all of them together", async () => {
  const { audit } = fixture.store;
  const applicationId = ids.next("application");
  const made = entry({ applicationId, action: "keys.create", keyId: "k1" });
  clock.ms += 10;
  const revoked = entry({ applicationId, action: "keys.revoke", keyId: "k2" });
  const elsewhere = entry({ applicationId: ids.next("application"), action: "keys.revoke", keyId: "k1" });
  for (const it of [made, revoked, elsewhere]) await audit.append(it);
  const found = async (filter: Partial<AuditFilter>) =>
    (await audit.list({ ...EVERYTHING, ...filter }, PAGE)).rows.map((row) => row.id);
  expect(await found({ applicationId })).toEqual([made.id, revoked.id]);
  expect(await found({ keyId: "k1" })).toEqual([made.id, elsewhere.id]);
  expect(await found({ action: "keys.revoke" })).toEqual([revoked.id, elsewhere.id]);
  expect(await found({ applicationId, keyId: "k1", action: "keys.revoke" })).toEqual([]);
  expect(await found({ applicationId, from: revoked.at })).toEqual([revoked.id]);
  expect(await found({ applicationId, until: revoked.at })).toEqual([made.id]);
});

test("pages neither skip nor repeat while entries arrive, in both orders", async () => {
  const { audit } = fixture.store;
  const applicationId = ids.next("application");
  const written = [entry({ applicationId }), entry({ applicationId }), entry({ applicationId })];
  for (const it of written) await audit.append(it);
  const filter = { ...EVERYTHING, applicationId };
  const first = await audit.list(filter, { limit: 2, order: "newest", after: null });
  await audit.append(entry({ applicationId }));
  const second = await audit.list(filter, { limit: 2, order: "newest", after: first.next });
  expect([...first.rows, ...second.rows]).toEqual(written.toReversed());
  expect(second.next).toBeNull();
});

test("an entry is never replaced", async () => {
  const { audit } = fixture.store;
  const first = entry();
  await audit.append(first);
  await expect(audit.append({ ...first, action: "keys.create" })).rejects.toThrow("exists");
});
