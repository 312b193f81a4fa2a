/** Lists: how a page is asked for and answered. */
import { z } from "zod";
import { decodeCursor, encodeCursor } from "../../core/cursor.js";
import type { Order } from "../../core/cursor.js";
import { PosthornError } from "../../core/errors.js";
import { LIMITS } from "../../core/limits.js";
import type { Page, PageRequest, TimeWindow } from "../../core/store-ports.js";
import { queryInteger, timeField } from "./fields.js";

export const pageFields = {
  cursor: z.string().min(1).max(1000).describe("`nextCursor` of the page before, unchanged.").optional(),
  limit: queryInteger(1, LIMITS.pageSizeMax)
    .describe(`Rows per page, 1 to ${LIMITS.pageSizeMax}; ${LIMITS.pageSizeDefault} if absent.`)
    .optional(),
  order: z
    .enum(["newest", "oldest", "desc", "asc"])
    .transform((order): Order => (order === "oldest" || order === "asc" ? "oldest" : "newest"))
    .describe("`newest` first (default) or `oldest` first; `desc` and `asc` mean the same.")
    .optional(),
};

export const windowFields = {
  from: timeField.describe("Created at or after this time (ISO 8601).").optional(),
  until: timeField.describe("Created before this time (ISO 8601).").optional(),
};

/** A page as lists answer it. */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({
    data: z.array(row),
    nextCursor: z.string().nullable().describe("For the next page; `null` at the end."),
  });
}

interface PageQuestion {
  cursor?: string | undefined;
  limit?: number | undefined;
  order?: Order | undefined;
}

/**
 * The page that a list input asks for. `isKey` knows what this list pages by.
 *
 * @throws `invalid_cursor` for a text that is no cursor, belongs to another list or to the other order
 */
export function readPage(question: PageQuestion, isKey: (after: string) => boolean): PageRequest {
  const limit = question.limit ?? LIMITS.pageSizeDefault;
  if (question.cursor === undefined) return { limit, order: question.order ?? "newest", after: null };
  const cursor = decodeCursor(question.cursor);
  if (cursor === null || !isKey(cursor.after)) throw invalidCursor("is no cursor of this list");
  if (question.order !== undefined && question.order !== cursor.order) {
    throw invalidCursor(`belongs to the order "${cursor.order}"`);
  }
  return { limit, order: cursor.order, after: cursor.after };
}

/** The answer for a page of rows. */
export function writePage<Row, Answer>(
  page: Page<Row>,
  order: Order,
  answer: (row: Row) => Answer,
): { data: Answer[]; nextCursor: string | null } {
  return {
    data: page.rows.map(answer),
    nextCursor: page.next === null ? null : encodeCursor({ order, after: page.next }),
  };
}

export function readWindow(input: { from?: string | undefined; until?: string | undefined }): TimeWindow {
  return { from: dateOrNull(input.from), until: dateOrNull(input.until) };
}

function dateOrNull(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(text);
}

function invalidCursor(problem: string): PosthornError {
  return new PosthornError("invalid_cursor", undefined, [{ path: "cursor", message: problem }]);
}
