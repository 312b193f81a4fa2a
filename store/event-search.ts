/** Lists of events: by type, channel, time and part of an id. */
import type { Filter } from "mongodb";
import type { EventSummary } from "../core/model.js";
import type { IdSource } from "../core/ports.js";
import type { EventFilter, Page, PageRequest } from "../core/store-ports.js";
import type { StoredDocument } from "./decode.js";
import { decodeSummary, dedupeKeyOf } from "./event-document.js";
import { between, readPage, startingWith, within } from "./page.js";
import type { IdRange } from "./page.js";
import type { Table } from "./table.js";
import { idsOfWindow } from "./window.js";

/** Enough to find a recent event at once, few enough to answer within the deadline; the rest is the next page's. */
const SEARCHED_MAX = 50_000;

const TEXT_CHARS_MAX = 256;
const EVENT_ID_BEGINNING = /^msg_[0-9A-Za-z]{0,27}$/;

export interface EventListQuery {
  applicationId: string;
  filter: EventFilter;
  page: PageRequest;
  /** Rows that a page of a substring search looks through. */
  searchedMax?: number;
}

/** A page of summaries. With a text that no index can find, a page may be short although there is a next one. */
export async function listEvents(table: Table, ids: IdSource, query: EventListQuery): Promise<Page<EventSummary>> {
  const { applicationId, filter, page, searchedMax = SEARCHED_MAX } = query;
  const range = idsOfWindow(ids, "event", filter);
  const text = filter.text?.slice(0, TEXT_CHARS_MAX) ?? "";
  const read = (condition: Filter<StoredDocument>, idRange: IdRange): Promise<Page<EventSummary>> =>
    readPage(table, {
      filter: { ...plainConditions(applicationId, filter), ...condition },
      range: idRange,
      page,
      projection: { payload: 0 },
      decode: decodeSummary,
    });
  if (text === "") return read({}, range);
  if (EVENT_ID_BEGINNING.test(text)) return read(beginsWith(applicationId, text), range);

  const last = await lastSearched(table, { applicationId, range, page, searchedMax });
  if (last === null) return read(contains(text), range);
  const reach: IdRange = page.order === "newest" ? { from: last, below: null } : { from: null, below: `${last}0` };
  const found = await read(contains(text), within(range, reach));
  return { rows: found.rows, next: found.next ?? last };
}

function plainConditions(applicationId: string, filter: EventFilter): Filter<StoredDocument> {
  return {
    applicationId,
    ...(filter.eventType !== null && { eventType: filter.eventType }),
    ...(filter.channel !== null && { channels: filter.channel }),
  };
}

/** Both sides have an index. A publisher's `eventId` may begin like an id of ours. */
function beginsWith(applicationId: string, text: string): Filter<StoredDocument> {
  return {
    $or: [{ _id: between(startingWith(text)) }, { dedupeKey: between(startingWith(dedupeKeyOf(applicationId, text))) }],
  };
}

function contains(text: string): Filter<StoredDocument> {
  const $regex = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return { $or: [{ eventId: { $regex } }, { _id: { $regex } }] };
}

/** The id of the last row that the search looks at, or `null` if it reaches the end. Reads an index only. */
async function lastSearched(
  table: Table,
  search: { applicationId: string; range: IdRange; page: PageRequest; searchedMax: number },
): Promise<string | null> {
  const ahead = await readPage(table, {
    filter: { applicationId: search.applicationId },
    range: search.range,
    page: { ...search.page, limit: 1 },
    skip: search.searchedMax - 1,
    projection: { _id: 1 },
    decode: (document) => document._id,
  });
  return ahead.next;
}
