/**
 * Pages as Svix makes them: `iterator` goes on to older rows, `prevIterator`, which begins with a minus, to newer ones.
 * Both are ids, and a page shows the newest row first whichever way it was reached.
 */
import { z } from "zod";
import { ID_PATTERN } from "../../core/ids.js";
import { LIMITS } from "../../core/limits.js";
import type { PageRequest, TimeWindow } from "../../core/store-ports.js";
import { queryInteger } from "../schemas/fields.js";

export interface OpenWearablesPage<Row> {
  data: Row[];
  /** Nothing older is left. Never so on the way to newer rows: there are older ones. */
  done: boolean;
  iterator: string | null;
  prevIterator: string | null;
}

/** Of a parameter that is given several times the last counts, as there. */
export function lastValue<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((values: unknown): unknown => (Array.isArray(values) ? values.at(-1) : values), schema);
}

/** A time without an offset is UTC. */
const time = z.iso
  .datetime({ offset: true, local: true })
  .max(40)
  .transform((text) => new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`));

export function pageQuery(kind: "event" | "attempt") {
  return {
    limit: lastValue(queryInteger(1, LIMITS.pageSizeMax).default(LIMITS.pageSizeDefault)),
    iterator: lastValue(
      z
        .string()
        .refine((text) => ID_PATTERN[kind].test(text.replace(/^-/, "")), "is none that a page of this list has shown")
        .optional(),
    ),
    before: lastValue(time.optional()),
    after: lastValue(time.optional()),
  };
}

interface PageQuestion {
  limit: number;
  iterator?: string | undefined;
  before?: Date | undefined;
  after?: Date | undefined;
}

export function pageRequest({ limit, iterator }: PageQuestion): PageRequest {
  if (iterator?.startsWith("-") === true) return { limit, order: "oldest", after: iterator.slice(1) };
  return { limit, order: "newest", after: iterator ?? null };
}

/** Rows strictly between the two times, which have milliseconds. */
export function windowOf({ before, after }: PageQuestion): TimeWindow {
  return { from: after === undefined ? null : new Date(after.getTime() + 1), until: before ?? null };
}

/** The page for rows in the order in which they were asked for; `hasMore`: others follow in that order. */
export function pageOf<Row extends { id: string }>(
  rows: readonly Row[],
  { order }: PageRequest,
  hasMore: boolean,
): OpenWearablesPage<Row> {
  const data = order === "newest" ? [...rows] : rows.toReversed();
  const [first] = data;
  return {
    data,
    done: order === "newest" && !hasMore,
    iterator: data.at(-1)?.id ?? null,
    prevIterator: first === undefined ? null : `-${first.id}`,
  };
}
