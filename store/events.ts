import { PosthornError } from "../core/errors.js";
import { isId } from "../core/ids.js";
import type { EventState, WebhookEvent } from "../core/model.js";
import type { Clock, IdSource } from "../core/ports.js";
import type { EventInsertion, EventStore } from "../core/store-ports.js";
import {
  decodeDispatchable,
  decodeEvent,
  dedupeKeyOf,
  DISPATCHABLE_FIELDS,
  encodeEvent,
  eventBytes,
} from "./event-document.js";
import { listEvents } from "./event-search.js";
import { GroupCommit } from "./group-commit.js";
import { DEDUPE_INDEX } from "./indexes.js";
import type { Table, WriteOutcome } from "./table.js";
import { EVENT_BATCH } from "./batches.js";
import { settledOf } from "./settled.js";

const UNDISPATCHED: readonly EventState[] = ["accepted", "scheduled"];
/** An event may disappear between being in the way and being read; that it happens again and again means a fault. */
const INSERT_TRIES = 3;

export interface EventStoreOptions {
  table: Table;
  ids: IdSource;
  clock: Clock;
  /** Rows that a page of a substring search looks through. */
  searchedMax?: number;
}

export function createEventStore(options: EventStoreOptions): EventStore & { drain(): Promise<void> } {
  const { table, ids, clock, searchedMax } = options;
  const commit = new GroupCommit<WebhookEvent, WriteOutcome>({
    ...EVENT_BATCH,
    bytesOf: eventBytes,
    write: async (events) => (await table.insertAll(events.map(encodeEvent))).map(settledOf),
  });

  return {
    async insert(event) {
      for (let tries = 0; tries < INSERT_TRIES; tries += 1) {
        const outcome = await commit.add(event);
        if (outcome.kind !== "refused") return { kind: "inserted" };
        const first = await inTheWay(table, event, outcome.index);
        if (first !== null) return compare(event, first);
      }
      throw new Error(`event ${event.id} was refused as a duplicate of one that cannot be found`);
    },
    find: (applicationId, reference) => find(table, applicationId, reference),
    async findByIds(eventIds) {
      if (eventIds.length === 0) return [];
      const documents = await table.find({ _id: { $in: eventIds } });
      const found = new Map(documents.map((it) => [it._id, it]));
      return eventIds.flatMap((id) => found.get(id) ?? []).map(decodeEvent);
    },
    list: (applicationId, filter, page) =>
      listEvents(table, ids, { applicationId, filter, page, ...(searchedMax !== undefined && { searchedMax }) }),
    async setState(eventIds, from, to) {
      if (eventIds.length === 0) return 0;
      return table.updateMany({ _id: { $in: eventIds }, state: { $in: from } }, { $set: { state: to } });
    },
    lease: (eventIds, owner, until) => lease(table, eventIds, { owner, until, now: new Date(clock.now()) }),
    async undispatched(before, limit) {
      const projection = DISPATCHABLE_FIELDS;
      const [accepted, scheduled] = await Promise.all([
        table.find(
          { state: "accepted", _id: { $lt: ids.floor("event", before.getTime()) } },
          { sort: { _id: 1 }, limit, projection },
        ),
        table.find({ state: "scheduled", deliverAt: { $lt: before } }, { sort: { deliverAt: 1 }, limit, projection }),
      ]);
      const all = [...accepted, ...scheduled].map(decodeDispatchable);
      return all.sort((one, other) => (one.id < other.id ? -1 : 1)).slice(0, limit);
    },
    drain: () => commit.drain(),
  };
}

/** The stored event whose id or `eventId` the refused one has. */
async function inTheWay(table: Table, event: WebhookEvent, index: string): Promise<WebhookEvent | null> {
  const { applicationId, eventId } = event;
  const document = await table.findOne(
    index === DEDUPE_INDEX && eventId !== null ? { dedupeKey: dedupeKeyOf(applicationId, eventId) } : { _id: event.id },
  );
  return document && decodeEvent(document);
}

function compare(event: WebhookEvent, first: WebhookEvent): EventInsertion {
  // Ids are ours, so this is a fault; but never a reason to show somebody else's event.
  if (first.applicationId !== event.applicationId) throw new PosthornError("internal");
  return { kind: first.contentHash === event.contentHash ? "duplicate" : "conflict", first };
}

async function find(table: Table, applicationId: string, reference: string): Promise<WebhookEvent | null> {
  const byId = isId("event", reference) ? await table.findOne({ _id: reference }) : null;
  if (byId !== null && byId.applicationId === applicationId) return decodeEvent(byId);
  const byEventId = await table.findOne({ dedupeKey: dedupeKeyOf(applicationId, reference) });
  return byEventId && decodeEvent(byEventId);
}

/** Takes first and asks afterwards: the update decides for each event alone, whoever else tries at the same time. */
async function lease(
  table: Table,
  eventIds: readonly string[],
  { owner, until, now }: { owner: string; until: Date; now: Date },
): Promise<string[]> {
  if (eventIds.length === 0) return [];
  const open = { _id: { $in: eventIds }, state: { $in: UNDISPATCHED } };
  await table.updateMany(
    {
      ...open,
      "headStart.until": { $not: { $gt: now } },
      $or: [{ leaseOwner: owner }, { leaseUntil: { $not: { $gt: now } } }],
    },
    { $set: { leaseOwner: owner, leaseUntil: until } },
  );
  const held = await table.find({ ...open, leaseOwner: owner, leaseUntil: { $gt: now } }, { projection: { _id: 1 } });
  const heldIds = new Set(held.map((it) => it._id));
  return eventIds.filter((id) => heldIds.has(id));
}
