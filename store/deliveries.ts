import type { Filter } from "mongodb";
import { needsOwner } from "../core/delivery-state.js";
import type { Delivery, DeliveryStatus } from "../core/model.js";
import type { Clock, IdSource } from "../core/ports.js";
import type { DeliveryFilter, DeliveryStore, OverdueDelivery } from "../core/store-ports.js";
import type { StoredDocument } from "./decode.js";
import {
  decodeDelivery,
  decodeOverdue,
  decodeStatus,
  encodeDelivery,
  EVERY_STATUS,
  waitOf,
} from "./delivery-document.js";
import { idsOfEvent, idsOfEvents } from "./delivery-ids.js";
import { createRecorder } from "./delivery-record.js";
import { between, readPage, within } from "./page.js";
import type { Table } from "./table.js";
import { idsOfWindow } from "./window.js";

export interface DeliveryStoreOptions {
  deliveries: Table;
  attempts: Table;
  ids: IdSource;
  clock: Clock;
}

/** Counting ends here; nobody acts on the difference. */
const COUNTED_MAX = 1_000_000;

const OWNED_STATUSES = EVERY_STATUS.filter(needsOwner);

/** Documents in one insert of new deliveries. */
const INSERT_BATCH = 1_000;

export function createDeliveryStore(options: DeliveryStoreOptions): DeliveryStore & { drain(): Promise<void> } {
  const { deliveries: table, ids, clock } = options;
  const recorder = createRecorder(options);
  const now = (): Date => new Date(clock.now());

  return {
    async find(applicationId, id) {
      // By `_id` alone and compared here: the stand-in has no index for more.
      const document = await table.findOne({ _id: id });
      return document?.applicationId === applicationId ? decodeDelivery(document) : null;
    },
    async findByIds(deliveryIds) {
      if (deliveryIds.length === 0) return [];
      const documents = await table.find({ _id: { $in: deliveryIds } });
      return documents.map(decodeDelivery);
    },
    async ofEvents(eventIds) {
      if (eventIds.length === 0) return [];
      // The range is for the stand-in, which has no index of events: events of a batch lie close together.
      const documents = await table.find(
        { _id: between(idsOfEvents(eventIds)), eventId: { $in: eventIds } },
        { sort: { _id: 1 } },
      );
      return documents.map(decodeDelivery);
    },
    list(applicationId, filter, page) {
      const window = idsOfWindow(ids, "delivery", filter);
      const range = filter.eventId === null ? window : within(window, idsOfEvent(filter.eventId));
      return readPage(table, { filter: conditions(applicationId, filter), range, page, decode: decodeDelivery });
    },
    async idsOfEndpoint(endpointId, statuses, after, limit) {
      const range = after === null ? {} : { _id: { $gt: after } };
      const documents = await ofStatuses(statuses, limit, (status) =>
        table.find({ endpointId, status, ...range }, { sort: { _id: 1 }, limit, projection: { _id: 1 } }),
      );
      return documents.map((it) => it._id);
    },
    async overdue(before, after, limit) {
      const documents = await table.find(
        {
          waiting: true,
          nextAttemptAt: { $lt: before, ...(after !== null && { $gte: after.nextAttemptAt }) },
          ...rest(after),
        },
        { sort: { nextAttemptAt: 1, _id: 1 }, limit, projection: { workflowId: 1, nextAttemptAt: 1 } },
      );
      return documents.map(decodeOverdue);
    },
    async ownerlessDue(before, except, limit) {
      const due = { waiting: true, workflowId: null, nextAttemptAt: { $lt: before } };
      const filter = except.length === 0 ? due : { ...due, endpointId: { $nin: [...except] } };
      const found = await table.find(filter, { limit, projection: { endpointId: 1 } });
      return found.map((it) => ({ id: it._id, endpointId: String(it["endpointId"]) }));
    },
    async ownerless(endpointId, before, limit) {
      const documents = await ofStatuses(OWNED_STATUSES, limit, (status) =>
        table.find(
          { endpointId, status, workflowId: null, nextAttemptAt: { $lt: before } },
          { sort: { _id: 1 }, limit },
        ),
      );
      return documents.map(decodeDelivery);
    },
    async insertNew(deliveries) {
      for (let start = 0; start < deliveries.length; start += INSERT_BATCH) {
        await insertBatch(table, deliveries.slice(start, start + INSERT_BATCH));
      }
    },
    record: (record) => recorder.record(record),
    async takeOver(deliveryIds, from, to) {
      if (deliveryIds.length === 0) return [];
      await table.updateMany(
        { _id: { $in: deliveryIds }, workflowId: { $in: [from, null].filter((it) => it !== to) } },
        { $set: { workflowId: to, updatedAt: now() } },
      );
      const owned = await table.find({ _id: { $in: deliveryIds }, workflowId: to }, { projection: { _id: 1 } });
      const ownedIds = new Set(owned.map((it) => it._id));
      return deliveryIds.filter((id) => ownedIds.has(id));
    },
    async park(deliveryIds, owner, change) {
      if (deliveryIds.length === 0) return;
      await table.updateMany(
        { _id: { $in: deliveryIds }, workflowId: owner, waiting: true },
        { $set: { ...change, workflowId: null, updatedAt: now() } },
      );
    },
    settle: (deliveryIds, from, change) =>
      table.updateMany(
        { _id: { $in: deliveryIds }, status: { $in: from } },
        {
          $set: {
            ...change,
            ...waitOf(change.status, change.nextAttemptAt, now()),
            updatedAt: now(),
            ...(change.status === "held" && { workflowId: null }),
          },
        },
      ),
    async reschedule(times) {
      const updatedAt = now();
      const outcomes = await table.writeAll(
        times.map(({ id, nextAttemptAt }) => ({
          updateOne: { filter: { _id: id, waiting: true }, update: { $set: { nextAttemptAt, updatedAt } } },
        })),
      );
      for (const outcome of outcomes) if (outcome.kind === "failed") throw outcome.error;
    },
    async countByStatus({ eventId }) {
      // Not an aggregation: for those the stand-in looks at every document there is.
      const found = await table.find({ _id: between(idsOfEvent(eventId)) }, { projection: { status: 1 } });
      const counts: Partial<Record<DeliveryStatus, number>> = {};
      for (const { status } of found) {
        const known = decodeStatus(status);
        counts[known] = (counts[known] ?? 0) + 1;
      }
      return counts;
    },
    countOfEndpoint: (endpointId, statuses) => table.count({ endpointId, status: { $in: statuses } }, COUNTED_MAX),
    drain: () => recorder.drain(),
  };
}

/** Of those that are due at the same time as the last of the page before: what comes after it. */
function rest(after: Pick<OverdueDelivery, "id" | "nextAttemptAt"> | null): Filter<StoredDocument> {
  if (after === null) return {};
  return { $or: [{ nextAttemptAt: { $gt: after.nextAttemptAt } }, { _id: { $gt: after.id } }] };
}

/**
 * Oldest first by id. One query for each status, since that is how the index of endpoints begins: asked for several at once
 * the stand-in reads and sorts everything that the endpoint has.
 */
async function ofStatuses(
  statuses: readonly DeliveryStatus[],
  limit: number,
  find: (status: DeliveryStatus) => Promise<StoredDocument[]>,
): Promise<StoredDocument[]> {
  const found = (await Promise.all(statuses.map(find))).flat();
  return found.sort((a, b) => (a._id < b._id ? -1 : 1)).slice(0, limit);
}

/** What exists stays as it is. */
async function insertBatch(table: Table, deliveries: readonly Delivery[]): Promise<void> {
  for (const outcome of await table.insertAll(deliveries.map(encodeDelivery))) {
    if (outcome.kind === "failed") throw outcome.error;
  }
}

function conditions(applicationId: string, filter: DeliveryFilter): Filter<StoredDocument> {
  return {
    applicationId,
    ...(filter.endpointId !== null && ofEndpoint(filter.endpointId)),
    ...(filter.status !== null && { status: filter.status }),
    ...(filter.eventType !== null && { eventType: filter.eventType }),
    ...(filter.httpClass !== null && answered(filter.httpClass)),
  };
}

/** The index of endpoints has the status before the id: with every status named, one scan for each is merged by id. */
function ofEndpoint(endpointId: string): Filter<StoredDocument> {
  return { endpointId, status: { $in: EVERY_STATUS } };
}

/** 2 to 5: the last answer's first digit. 0: attempted, and no answer came. */
function answered(httpClass: number): Filter<StoredDocument> {
  if (httpClass === 0) return { lastStatusCode: null, attemptCount: { $gt: 0 } };
  return { lastStatusCode: { $gte: httpClass * 100, $lt: (httpClass + 1) * 100 } };
}
