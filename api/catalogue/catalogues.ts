/** Every catalogue that Posthorn brings along. */
import type { CatalogueEntry } from "./entry.js";
import { METRIPORT_MESSAGE_TYPES } from "./metriport/message-types.js";
import type { CatalogueName } from "./names.js";
import { OPEN_WEARABLES_EVENT_TYPES } from "./open-wearables/event-types.js";

export const CATALOGUES: Readonly<Record<CatalogueName, readonly CatalogueEntry[]>> = {
  "open-wearables": OPEN_WEARABLES_EVENT_TYPES,
  metriport: METRIPORT_MESSAGE_TYPES,
};
