/** Every event type of Open Wearables. */
import type { CatalogueEntry } from "../entry.js";
import { CONNECTION_EVENTS } from "./connections.js";
import { RECORD_EVENTS } from "./records.js";
import { TIMESERIES_EVENTS } from "./timeseries.js";

export const OPEN_WEARABLES_EVENT_TYPES: readonly CatalogueEntry[] = [
  ...CONNECTION_EVENTS,
  ...RECORD_EVENTS,
  ...TIMESERIES_EVENTS,
];

const BY_NAME: ReadonlyMap<string, CatalogueEntry> = new Map(OPEN_WEARABLES_EVENT_TYPES.map((it) => [it.name, it]));

/** `null`: Open Wearables has no such event type. */
export function openWearablesEventType(name: string): CatalogueEntry | null {
  return BY_NAME.get(name) ?? null;
}
