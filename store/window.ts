import type { IdKind } from "../core/ids.js";
import type { IdSource } from "../core/ports.js";
import type { TimeWindow } from "../core/store-ports.js";
import type { IdRange } from "./page.js";

/** A window of creation times as a range of ids, which carry the time: no index of times is needed. */
export function idsOfWindow(ids: IdSource, kind: IdKind, window: TimeWindow): IdRange {
  return {
    from: window.from && ids.floor(kind, window.from.getTime()),
    below: window.until && ids.floor(kind, window.until.getTime()),
  };
}
