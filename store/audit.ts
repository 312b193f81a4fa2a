import type { AuditEntry } from "../core/model.js";
import type { IdSource } from "../core/ports.js";
import type { AuditStore } from "../core/store-ports.js";
import { Fields, jsonOf } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import { readPage } from "./page.js";
import type { Table } from "./table.js";
import { idsOfWindow } from "./window.js";

/** Who changed what. Nothing removes entries: there is no retention yet. */
export function createAuditStore({ table, ids }: { table: Table; ids: IdSource }): AuditStore {
  return {
    async append({ id, before, after, ...rest }) {
      const refused = await table.insert({ _id: id, ...rest, before: jsonOf(before), after: jsonOf(after) });
      if (refused !== null) throw new Error("an audit entry with this id exists");
    },
    list({ applicationId, action, keyId, ...window }, page) {
      const filter = {
        ...(applicationId !== null && { applicationId }),
        ...(action !== null && { action }),
        ...(keyId !== null && { keyId }),
      };
      return readPage(table, { filter, range: idsOfWindow(ids, "audit", window), page, decode });
    },
  };
}

function decode(document: StoredDocument): AuditEntry {
  const fields = new Fields("audit", document);
  return {
    id: fields.text("_id"),
    applicationId: fields.textOrNull("applicationId"),
    at: fields.time("at"),
    keyId: fields.text("keyId"),
    requestId: fields.text("requestId"),
    action: fields.text("action"),
    targetIds: fields.texts("targetIds"),
    before: fields.jsonOrNull("before"),
    after: fields.jsonOrNull("after"),
    error: fields.textOrNull("error"),
  };
}
