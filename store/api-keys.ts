import type { ApiKey } from "../core/model.js";
import type { ApiKeyStore } from "../core/store-ports.js";
import { isScope } from "../core/scopes.js";
import { Fields } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import { EVERY_ID, readPage } from "./page.js";
import type { Table } from "./table.js";

/** An installation has a handful; the bound is there because everything has one. */
const LISTED_MAX = 10_000;

export function createApiKeyStore(table: Table): ApiKeyStore {
  return {
    async insert({ id, scopes, ...rest }) {
      const refused = await table.insert({ _id: id, ...rest, scopes: scopes && [...scopes] });
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
    page: (applicationId, page) =>
      readPage(table, { filter: applicationId === null ? {} : { applicationId }, range: EVERY_ID, page, decode }),
    countOf: (applicationId, limit) => table.count({ applicationId }, limit),
    async revoke(id, at) {
      return (await table.updateMany({ _id: id, revokedAt: null }, { $set: { revokedAt: at } })) === 1;
    },
    async touch(id, at) {
      await table.updateMany(
        { _id: id, $or: [{ lastUsedAt: null }, { lastUsedAt: { $lt: at } }] },
        { $set: { lastUsedAt: at } },
      );
    },
  };
}

/** Keys made before there were scopes, expiry and limits lack those fields, and have none of these bounds. */
function decode(document: StoredDocument): ApiKey {
  const fields = new Fields("apiKeys", document);
  return {
    id: fields.text("_id"),
    name: fields.text("name"),
    applicationId: fields.textOrNull("applicationId"),
    // A scope that only a later version knows allows nothing here.
    scopes: fields.textsOrNull("scopes")?.filter(isScope) ?? null,
    rateLimitPerSecond: fields.numberOrNull("rateLimitPerSecond"),
    hash: fields.text("hash"),
    last4: fields.text("last4"),
    createdAt: fields.time("createdAt"),
    expiresAt: fields.timeOrNull("expiresAt"),
    revokedAt: fields.timeOrNull("revokedAt"),
    lastUsedAt: fields.timeOrNull("lastUsedAt"),
  };
}
