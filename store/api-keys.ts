import type { ApiKey } from "../core/model.js";
import type { ApiKeyStore } from "../core/ports.js";
import { Fields } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import type { Table } from "./table.js";

/** An installation has a handful; the bound is there because everything has one. */
const LISTED_MAX = 10_000;

export function createApiKeyStore(table: Table): ApiKeyStore {
  return {
    async insert({ id, ...rest }) {
      const refused = await table.insert({ _id: id, ...rest });
      if (refused !== null) throw new Error("an API key with this id exists");
    },
    async find(id) {
      const document = await table.findOne({ _id: id });
      return document && decode(document);
    },
    async list() {
      const documents = await table.find({}, { sort: { createdAt: 1, _id: 1 }, limit: LISTED_MAX });
      return documents.map(decode);
    },
    async revoke(id, at) {
      return (await table.updateMany({ _id: id, revokedAt: null }, { $set: { revokedAt: at } })) === 1;
    },
  };
}

function decode(document: StoredDocument): ApiKey {
  const fields = new Fields("apiKeys", document);
  return {
    id: fields.text("_id"),
    name: fields.text("name"),
    applicationId: fields.textOrNull("applicationId"),
    hash: fields.text("hash"),
    last4: fields.text("last4"),
    createdAt: fields.time("createdAt"),
    revokedAt: fields.timeOrNull("revokedAt"),
  };
}
