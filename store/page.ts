/** Keyset pages: by id and never by offset, so that a page neither skips nor repeats while rows arrive. */
import type { Filter } from "mongodb";
import type { Page, PageRequest } from "../core/store-ports.js";
import type { StoredDocument } from "./decode.js";
import type { ReadOptions, Table } from "./table.js";

/** Ids from `from` on and below `below`. Ids are ASCII, which JavaScript and MongoDB order alike. */
export interface IdRange {
  from: string | null;
  below: string | null;
}

export const EVERY_ID: IdRange = { from: null, below: null };

export interface PageQuery<Row> {
  filter: Filter<StoredDocument>;
  range: IdRange;
  page: PageRequest;
  /** Rows to leave out before the page; for bounding a search only. */
  skip?: number;
  projection?: ReadOptions["projection"];
  decode: (document: StoredDocument) => Row;
}

/** One page, in the order of `_id`. */
export async function readPage<Row>(table: Table, query: PageQuery<Row>): Promise<Page<Row>> {
  const { limit, order } = query.page;
  const ids = idCondition(query.range, query.page);
  if (ids !== null && isEmpty(ids)) return { rows: [], next: null };
  const documents = await table.find(ids === null ? query.filter : { ...query.filter, _id: ids }, {
    sort: { _id: order === "newest" ? -1 : 1 },
    limit: limit + 1,
    ...(query.skip !== undefined && { skip: query.skip }),
    ...(query.projection && { projection: query.projection }),
  });
  const more = documents.length > limit;
  const rows = more ? documents.slice(0, limit) : documents;
  return { rows: rows.map(query.decode), next: more ? (rows.at(-1)?._id ?? null) : null };
}

interface IdCondition {
  $gt?: string;
  $gte?: string;
  $lt?: string;
}

function idCondition(range: IdRange, page: PageRequest): IdCondition | null {
  const condition: IdCondition = {};
  const { from, below } = range;
  const above = page.order === "oldest" ? page.after : null;
  const under = page.order === "newest" ? lower(page.after, below) : below;
  if (above !== null && (from === null || above >= from)) condition.$gt = above;
  else if (from !== null) condition.$gte = from;
  if (under !== null) condition.$lt = under;
  return Object.keys(condition).length === 0 ? null : condition;
}

function isEmpty({ $gt, $gte, $lt }: IdCondition): boolean {
  const least = $gt ?? $gte;
  return least !== undefined && $lt !== undefined && least >= $lt;
}

/** The ids that both ranges hold. */
export function within(one: IdRange, other: IdRange): IdRange {
  return { from: higher(one.from, other.from), below: lower(one.below, other.below) };
}

/** The ids that begin with `prefix`, which ends in an ASCII character. */
export function startingWith(prefix: string): IdRange {
  const last = prefix.charCodeAt(prefix.length - 1);
  return { from: prefix, below: prefix.slice(0, -1) + String.fromCharCode(last + 1) };
}

/** A range as a condition on any field. */
export function between(range: IdRange): { $gte?: string; $lt?: string } {
  return { ...(range.from !== null && { $gte: range.from }), ...(range.below !== null && { $lt: range.below }) };
}

function higher(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

function lower(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
