import { isId } from "../core/ids.js";
import { LIMITS } from "../core/limits.js";
import type { Endpoint } from "../core/model.js";
import type { Clock } from "../core/ports.js";
import type { EndpointStore, Inserted } from "../core/store-ports.js";
import { decodeEndpoint, encodeEndpoint, endpointUpdate, uidKeyOf } from "./endpoint-document.js";
import { ofRevision } from "./endpoint-health-document.js";
import { UID_INDEX } from "./indexes.js";
import { EVERY_ID, readPage } from "./page.js";
import { resealDocument } from "./sealing/reseal.js";
import type { Sealer } from "./sealing/sealer.js";
import type { StoredDocument } from "./decode.js";
import type { Table } from "./table.js";

export interface EndpointStoreOptions {
  table: Table;
  clock: Clock;
  sealer: Sealer;
  /** Called after each change of this process. */
  changed: (applicationId: string) => void;
  /** Endpoints that one application may have. */
  endpointsMax?: number;
}

export function createEndpointStore(options: EndpointStoreOptions): EndpointStore {
  const { table, clock, sealer, changed } = options;
  const endpointsMax = options.endpointsMax ?? LIMITS.endpointsPerApplicationMax;
  const isOver = async (applicationId: string, max: number): Promise<boolean> =>
    (await table.count({ applicationId }, max + 1)) > max;
  const decode = (document: StoredDocument): Endpoint => decodeEndpoint(document, sealer);

  return {
    async insert(endpoint) {
      if (await isOver(endpoint.applicationId, endpointsMax - 1)) return { kind: "full" };
      const refused = await table.insert(encodeEndpoint(endpoint, sealer));
      if (refused !== null) return taken(refused);
      // Counting before is not enough for callers at the same moment: whoever finds one too many takes its own back.
      if (await isOver(endpoint.applicationId, endpointsMax)) {
        await table.deleteOne({ _id: endpoint.id });
        return { kind: "full" };
      }
      changed(endpoint.applicationId);
      return { kind: "inserted", row: endpoint };
    },
    async find(applicationId, reference) {
      const document = await find(table, applicationId, reference);
      return document && decode(document);
    },
    async findById(id) {
      const document = await table.findOne({ _id: id });
      return document && decode(document);
    },
    list: (applicationId, page) => readPage(table, { filter: { applicationId }, range: EVERY_ID, page, decode }),
    async all(applicationId) {
      const documents = await table.find({ applicationId }, { sort: { _id: 1 }, limit: endpointsMax });
      return documents.map(decode);
    },
    async update(applicationId, id, change) {
      const updatedAt = new Date(clock.now());
      const update = endpointUpdate({ applicationId, endpointId: id }, change, { updatedAt, sealer });
      const result = await table.change({ _id: id, applicationId }, update);
      if (typeof result === "string") return taken(result);
      changed(applicationId);
      // What this change did not name may be plain or under an old key.
      if (result !== null) await resealDocument(table, sealer, result);
      return result && { kind: "inserted", row: decode(result) };
    },
    async putHealth({ id, applicationId }, health, disable) {
      const isAsRead = { _id: id, applicationId, ...ofRevision(health.revision - 1) };
      const written = await table.updateMany(
        disable === null ? isAsRead : { ...isAsRead, status: { $ne: "disabled" } },
        { $set: { health, ...(disable !== null && { status: "disabled", statusReason: disable }) } },
      );
      // Snapshots are not dropped for a count that one second later is another one.
      if (written > 0 && disable !== null) changed(applicationId);
      return written > 0;
    },
    async withUntold(limit) {
      // Of all endpoints: there are few, and an index would be written with every change of one's health.
      return (await table.find({ "health.untold.0": { $exists: true } }, { limit })).map(decode);
    },
    async delete(applicationId, id) {
      const deleted = await table.deleteOne({ _id: id, applicationId });
      changed(applicationId);
      return deleted;
    },
  };
}

async function find(table: Table, applicationId: string, reference: string): Promise<StoredDocument | null> {
  const byId = isId("endpoint", reference) ? await table.findOne({ _id: reference }) : null;
  if (byId !== null && byId.applicationId === applicationId) return byId;
  return table.findOne({ uidKey: uidKeyOf(applicationId, reference) });
}

function taken(index: string): Inserted<Endpoint> {
  return { kind: "taken", field: index === UID_INDEX ? "uid" : "id" };
}
