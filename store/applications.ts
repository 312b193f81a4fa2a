import type { UpdateFilter } from "mongodb";
import { isId } from "../core/ids.js";
import type { Application, MetriportSettings } from "../core/model.js";
import type { OPERATOR_UID } from "../core/operational-events.js";
import type { Clock, IdSource } from "../core/ports.js";
import type { ApplicationChange, ApplicationStore, Inserted } from "../core/store-ports.js";
import { Fields, pairsOf } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import { UID_INDEX } from "./indexes.js";
import { EVERY_ID, readPage } from "./page.js";
import { removeInBatches } from "./removal.js";
import type { Table } from "./table.js";
import type { Tables } from "./tables.js";

/** The `uid` of the application of those who need only one, and of the one whose endpoints get operational events. */
type BuiltInUid = "default" | typeof OPERATOR_UID;

export interface ApplicationStoreOptions {
  tables: Pick<Tables, "applications" | "endpoints" | "eventTypes" | "apiKeys">;
  clock: Clock;
  /** Called after an application's endpoints are gone. */
  endpointsChanged(applicationId: string): void;
}

export function createApplicationStore(options: ApplicationStoreOptions): ApplicationStore {
  const { tables, clock } = options;
  const table = tables.applications;
  return {
    async insert(application) {
      const refused = await table.insert(encode(application));
      return refused === null ? { kind: "inserted", row: application } : taken(refused);
    },
    find: (reference) => find(table, reference),
    list: (page) => readPage(table, { filter: {}, range: EVERY_ID, page, decode }),
    async update(id, change) {
      const changed = await table.change({ _id: id }, updateOf(change, new Date(clock.now())));
      if (typeof changed === "string") return taken(changed);
      return changed && { kind: "inserted", row: decode(changed) };
    },
    async delete(id) {
      if ((await table.findOne({ _id: id })) === null) return false;
      await removeBelongings(tables, id);
      const deleted = await table.deleteOne({ _id: id });
      // Once more: a request that had looked the application up before may have added something.
      await removeBelongings(tables, id);
      options.endpointsChanged(id);
      return deleted;
    },
  };
}

/** Keys first: whoever holds one is locked out before anything else disappears. */
async function removeBelongings(tables: ApplicationStoreOptions["tables"], applicationId: string): Promise<void> {
  for (const table of [tables.apiKeys, tables.endpoints, tables.eventTypes]) {
    await removeInBatches(table, { applicationId });
  }
}

/** An application that every installation has, made if it is missing; of two processes that try at once, one makes it. */
export async function ensureApplication(
  store: Pick<ApplicationStore, "insert" | "find">,
  uid: BuiltInUid,
  { ids, clock }: { ids: IdSource; clock: Clock },
): Promise<Application> {
  const existing = await store.find(uid);
  if (existing !== null) return existing;
  const now = new Date(clock.now());
  const made = await store.insert({
    id: ids.next("application"),
    uid,
    name: uid,
    metadata: {},
    metriport: null,
    createdAt: now,
    updatedAt: now,
  });
  if (made.kind === "inserted") return made.row;
  const theirs = await store.find(uid);
  if (theirs === null) throw new Error(`the application ${uid} was deleted while it was made`);
  return theirs;
}

async function find(table: Table, reference: string): Promise<Application | null> {
  const byId = isId("application", reference) ? await table.findOne({ _id: reference }) : null;
  const found = byId ?? (await table.findOne({ uidKey: reference }));
  return found && decode(found);
}

function taken(index: string): Inserted<Application> {
  return { kind: "taken", field: index === UID_INDEX ? "uid" : "id" };
}

function encode(application: Application): StoredDocument {
  const { id, uid, metadata, metriport, ...rest } = application;
  const settings = encodeSettings(metriport);
  return { _id: id, ...rest, metadata: pairsOf(metadata), metriport: settings, ...(uid !== null && { uidKey: uid }) };
}

function updateOf(
  { uid, metadata, metriport, ...rest }: ApplicationChange,
  updatedAt: Date,
): UpdateFilter<StoredDocument> {
  return {
    $set: {
      ...rest,
      updatedAt,
      ...(metadata && { metadata: pairsOf(metadata) }),
      ...(metriport !== undefined && { metriport: encodeSettings(metriport) }),
      ...(typeof uid === "string" && { uidKey: uid }),
    },
    ...(uid === null && { $unset: { uidKey: "" } }),
  };
}

/** As JSON text: the keys in it are the caller's. */
function encodeSettings(settings: MetriportSettings | null): { mrFilters: string | null } | null {
  if (settings === null) return null;
  return { mrFilters: settings.mrFilters === null ? null : JSON.stringify(settings.mrFilters) };
}

function decodeSettings(fields: Fields): MetriportSettings {
  return { mrFilters: fields.jsonListOrNull("mrFilters") };
}

function decode(document: StoredDocument): Application {
  const fields = new Fields("applications", document);
  return {
    id: fields.text("_id"),
    uid: fields.textOrNull("uidKey"),
    name: fields.text("name"),
    metadata: fields.record("metadata"),
    metriport: fields.isNull("metriport") ? null : decodeSettings(fields.inner("metriport")),
    createdAt: fields.time("createdAt"),
    updatedAt: fields.time("updatedAt"),
  };
}
