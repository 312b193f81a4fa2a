import type { Filter } from "mongodb";
import type { IdSource } from "../core/ports.js";
import type { AttemptFilter, AttemptStore } from "../core/store-ports.js";
import { decodeAttempt } from "./attempt-document.js";
import type { StoredDocument } from "./decode.js";
import { idsOfEvent } from "./delivery-ids.js";
import { between, readPage, startingWith } from "./page.js";
import type { Table } from "./table.js";
import { idsOfWindow } from "./window.js";

/** Attempts are written by the delivery store, which records them together with what they change. */
export function createAttemptStore({ table, ids }: { table: Table; ids: IdSource }): AttemptStore {
  return {
    async find(applicationId, id) {
      const document = await table.findOne({ _id: id });
      return document?.applicationId === applicationId ? decodeAttempt(document) : null;
    },
    list: (applicationId, filter, page) =>
      readPage(table, {
        filter: conditions(applicationId, filter),
        range: idsOfWindow(ids, "attempt", filter),
        page,
        decode: decodeAttempt,
      }),
    async ofDelivery(deliveryId, limit) {
      const newest = await table.find({ deliveryId }, { sort: { _id: -1 }, limit });
      return newest.reverse().map(decodeAttempt);
    },
    async ofDeliveries(deliveryIds) {
      if (deliveryIds.length === 0) return [];
      // The range is for the stand-in, which has no index of lists: deliveries asked for together lie close together.
      const ordered = deliveryIds.toSorted();
      const deliveryId = { $in: ordered, $gte: ordered.at(0), $lte: ordered.at(-1) };
      const documents = await table.find({ deliveryId }, { sort: { _id: 1 } });
      return documents.map(decodeAttempt);
    },
  };
}

function conditions(applicationId: string, filter: AttemptFilter): Filter<StoredDocument> {
  return {
    applicationId,
    ...(filter.endpointId !== null && { endpointId: filter.endpointId }),
    ...(filter.eventId !== null && { deliveryId: between(idsOfEvent(filter.eventId)) }),
    // The more exact of the two wins; a delivery of another event has none of that event's attempts.
    ...(filter.deliveryId !== null && { deliveryId: filter.deliveryId }),
    ...(filter.eventId !== null && { eventId: filter.eventId }),
    ...(filter.eventTypes !== null && { eventType: { $in: filter.eventTypes } }),
    ...outcomeConditions(filter),
  };
}

function outcomeConditions({ outcome, succeeded }: AttemptFilter): Filter<StoredDocument> {
  const named = outcome === null ? [] : [{ outcome: outcomeCondition(outcome) }];
  const ended = succeeded === null ? [] : [{ outcome: succeeded ? "ok" : { $ne: "ok" } }];
  const both = [...named, ...ended];
  return both.length > 1 ? { $and: both } : (both[0] ?? {});
}

/** An exact class, or `http.*` and the like as a range of texts. */
function outcomeCondition(pattern: string): string | ReturnType<typeof between> {
  return pattern.endsWith(".*") ? between(startingWith(pattern.slice(0, -1))) : pattern;
}
