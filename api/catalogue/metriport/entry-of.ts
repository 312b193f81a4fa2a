import type { JsonObject } from "../../../core/json.js";
import type { CatalogueEntry } from "../entry.js";

/**
 * A message type whose payload has everything under one key. The schema names what every message of the type has; its
 * receivers check the rest. The example is without `meta`, which is made when a message is published.
 */
export function messageType(
  name: string,
  description: string,
  payload: { key: string; schema: JsonObject; example: unknown },
): CatalogueEntry {
  const { key, schema, example } = payload;
  return {
    name,
    description,
    group: null,
    schema: { type: "object", required: [key], properties: { [key]: schema } },
    example: { [key]: example },
    childEvents: null,
  };
}

/** A JSON Schema of objects that have at least these fields. */
export function having(fields: Readonly<Record<string, JsonObject>>): JsonObject {
  return { type: "object", required: Object.keys(fields), properties: fields };
}

export function listOf(items: JsonObject): JsonObject {
  return { type: "array", items };
}

export const TEXT: JsonObject = { type: "string" };
