/** The buckets of endpoints with a rate limit. A change is written only over what its writer has read. */
import type { RateBucketStore } from "../core/store-ports.js";
import type { RateBucket } from "../core/rate-limit.js";
import { Fields } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import type { Table } from "./table.js";

export function createRateBucketStore(table: Table): RateBucketStore {
  return {
    async find(endpointId) {
      const document = await table.findOne({ _id: endpointId });
      return document && decodeBucket(document);
    },
    async replace(endpointId, before, after) {
      if (before === null) return (await table.insert({ _id: endpointId, ...after })) === null;
      const { epoch, version } = before;
      // The count of changes rather than a time: equal times come about twice, equal counts of one epoch do not.
      return (await table.updateMany({ _id: endpointId, epoch, version }, { $set: { ...after } })) === 1;
    },
    async delete(endpointId) {
      await table.deleteOne({ _id: endpointId });
    },
  };
}

function decodeBucket(document: StoredDocument): RateBucket {
  const fields = new Fields("rateBuckets", document);
  return {
    perSecond: fields.number("perSecond"),
    burst: fields.number("burst"),
    epoch: fields.number("epoch"),
    asOfMs: fields.number("asOfMs"),
    tatMs: fields.number("tatMs"),
    passedTatMs: fields.number("passedTatMs"),
    delayMs: fields.number("delayMs"),
    version: fields.number("version"),
  };
}
