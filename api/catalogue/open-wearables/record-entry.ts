/** How the events that are no timeseries are written down. */
import type { JsonObject } from "../../../core/json.js";
import type { CatalogueEntry } from "../entry.js";
import { envelope } from "./fields.js";

export function recordEntry(
  name: string,
  description: string,
  { schema, example }: { schema: JsonObject; example: JsonObject },
): CatalogueEntry {
  return {
    name,
    description,
    group: null,
    schema: envelope(name, schema),
    example: { type: name, data: example },
    childEvents: null,
  };
}
