/** Seals the values of one stored endpoint anew that are plain or under a key that is not the active one. */
import type { Filter, UpdateFilter } from "mongodb";
import { Fields } from "../decode.js";
import type { StoredDocument } from "../decode.js";
import type { Table } from "../table.js";
import {
  kidsOf,
  openAsymmetricKeys,
  openHeaders,
  openSecrets,
  sealAsymmetricKeys,
  sealHeaders,
  sealSecrets,
} from "./endpoint-values.js";
import type { Sealer } from "./sealer.js";
import { UnreadableSecret } from "./unreadable-secret.js";

/** `busy`: somebody else changed the values each time; they are as they were. */
export type Resealing = { kind: "done"; values: number } | { kind: "busy" };

const ATTEMPTS = 5;

/**
 * Writes only where the values are still the ones that were read: whoever changes them at the same time wins, and the
 * result is looked at again. What does not open stays as it is. `updatedAt` stays, too: nothing changes for anybody.
 */
export async function resealDocument(table: Table, sealer: Sealer, read: StoredDocument): Promise<Resealing> {
  let document: StoredDocument | null = read;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const anew = document && sealedAnew(sealer, document);
    if (document === null || anew === null) return { kind: "done", values: 0 };
    const written = await table.change(asRead(document), anew.update);
    if (written !== null) return { kind: "done", values: anew.values };
    document = await table.findOne({ _id: document._id });
  }
  return { kind: "busy" };
}

function asRead(document: StoredDocument): Filter<StoredDocument> {
  const same = (field: string): Record<string, unknown> => ({ [field]: document[field] ?? { $exists: false } });
  return {
    _id: document._id,
    ...same("secrets"),
    ...same("asymmetricKeys"),
    ...same("headers"),
    ...same("sealedHeaders"),
  };
}

/** `null` if nothing is to be done, or can be. */
function sealedAnew(
  sealer: Sealer,
  document: StoredDocument,
): { values: number; update: UpdateFilter<StoredDocument> } | null {
  const fields = new Fields("endpoints", document);
  const kids = kidsOf(fields);
  if (kids.every((kid) => kid === sealer.activeKid)) return null;
  const sealing = sealer.of({ applicationId: fields.text("applicationId"), endpointId: document._id });
  const secrets = openSecrets(sealing, fields);
  const asymmetricKeys = openAsymmetricKeys(sealing, fields);
  const headers = openHeaders(sealing, fields);
  const opened = [...[...secrets, ...asymmetricKeys].map((it) => it.key), ...headers.map(([, value]) => value)];
  const values = opened.filter(
    (value, index) => kids[index] !== sealer.activeKid && !(value instanceof UnreadableSecret),
  ).length;
  if (values === 0) return null;
  const $set = {
    secrets: sealSecrets(sealing, secrets),
    asymmetricKeys: sealAsymmetricKeys(sealing, asymmetricKeys),
    sealedHeaders: sealHeaders(sealing, headers),
  };
  return { values, update: { $set, $unset: { headers: "" } } };
}
