/** Opaque list cursors: where a page ended and in which order it was read. */

export type Order = "newest" | "oldest";

export interface Cursor {
  order: Order;
  /** The id of the last row of the page before. */
  after: string;
}

const FORM = /^1([no])([0-9A-Za-z_.:-]{1,700})$/;

/** Text for callers to hand back unchanged. */
export function encodeCursor(cursor: Cursor): string {
  return btoa(`1${cursor.order === "newest" ? "n" : "o"}${cursor.after}`)
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

/** The cursor in `text`, or `null` if it is none of ours. */
export function decodeCursor(text: string): Cursor | null {
  if (!/^[0-9A-Za-z_-]{1,1000}$/.test(text)) return null;
  let plain: string;
  try {
    plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  } catch {
    return null;
  }
  const [, order, after] = FORM.exec(plain) ?? [];
  if (order === undefined || after === undefined) return null;
  return { order: order === "n" ? "newest" : "oldest", after };
}
