import { ID_PREFIX } from "../core/ids.js";
import { startingWith } from "./page.js";
import type { IdRange } from "./page.js";

/** A delivery's id begins with its event's KSUID: the deliveries of an event are a range, without an index of their own. */
export function idsOfEvent(eventId: string): IdRange {
  const ksuid = eventId.slice(ID_PREFIX.event.length);
  return startingWith(`${ID_PREFIX.delivery}${ksuid}_`);
}

/** The narrowest range that holds the deliveries of all these events, and whatever lies between them. */
export function idsOfEvents(eventIds: readonly string[]): IdRange {
  const ordered = eventIds.toSorted();
  const [first = "", last = first] = [ordered.at(0), ordered.at(-1)];
  return { from: idsOfEvent(first).from, below: idsOfEvent(last).below };
}
