/** Which processes of this installation live: each writes now and then that it was there. */
import type { LiveProcess, ProcessRole, ProcessStore } from "../core/store-ports.js";
import { Fields } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import type { Table } from "./table.js";

const ROLES: readonly ProcessRole[] = ["all", "api", "worker"];
/** More than anybody runs. */
const PROCESSES_MAX = 1_000;

export function createProcessStore(table: Table): ProcessStore {
  return {
    async beat({ id, ...process }) {
      // An update that finds nothing, then an insert: the stand-in need not know upserts of this kind.
      const isKnown = (await table.updateMany({ _id: id }, { $set: { ...process } })) > 0;
      if (!isKnown) await table.insert({ _id: id, ...process });
    },
    async seenSince(since) {
      const documents = await table.find({ seenAt: { $gte: since } }, { limit: PROCESSES_MAX });
      return documents.map(decodeProcess);
    },
    async remove(id) {
      await table.deleteOne({ _id: id });
    },
    removeSeenBefore: (before) => table.deleteMany({ seenAt: { $lt: before } }),
  };
}

function decodeProcess(document: StoredDocument): LiveProcess {
  const fields = new Fields("processes", document);
  return { id: fields.text("_id"), role: fields.oneOf("role", ROLES), seenAt: fields.time("seenAt") };
}
