/** An event type of a foreign system, as it is loaded into the catalogue of an application. */
import type { JsonObject } from "../../core/json.js";

export interface CatalogueEntry {
  name: string;
  /** At most `LIMITS.descriptionCharsMax` characters. */
  description: string;
  /** The event type that this one is a part of; `null`: none. */
  group: string | null;
  /** JSON Schema (draft 2020-12) of the payload; `null`: none. */
  schema: JsonObject | null;
  /** A whole payload. */
  example: JsonObject;
  /** The event types that are parts of this one; `null` where it is no group. */
  childEvents: readonly string[] | null;
}
