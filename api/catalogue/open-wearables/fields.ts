/** Parts of the payloads' JSON Schemas (draft 2020-12). Fields that are not named are allowed: senders add some over time. */
import type { JsonObject } from "../../../core/json.js";

export interface FieldSchema extends JsonObject {
  type: string;
}

export const text: FieldSchema = { type: "string" };
export const flag: FieldSchema = { type: "boolean" };
/** A UUID where Open Wearables makes it; publishers may have ids of their own. */
export const id: FieldSchema = { type: "string", minLength: 1 };
/** ISO 8601 with offset. */
export const time: FieldSchema = { type: "string", format: "date-time" };
export const date: FieldSchema = { type: "string", format: "date" };
export const number: FieldSchema = { type: "number" };
export const amount: FieldSchema = { type: "number", minimum: 0 };
export const count: FieldSchema = { type: "integer", minimum: 0 };
/** Difference of local time from UTC. */
export const zoneOffset: JsonObject = nullable({ type: "string", pattern: "^[+-]\\d{2}:\\d{2}$" });

export function oneOf(...values: readonly string[]): FieldSchema {
  return { type: "string", enum: values };
}

/** The field is there and may be `null`: unknown. */
export function nullable(field: FieldSchema): JsonObject {
  return { ...field, type: [field.type, "null"] };
}

export function list(items: JsonObject): FieldSchema {
  return { type: "array", items };
}

/** Every field of `required` is present, whatever its value. */
export function object(required: JsonObject, optional: JsonObject = {}): FieldSchema {
  return { type: "object", properties: { ...required, ...optional }, required: Object.keys(required) };
}

export const source = object(
  { provider: text, device: nullable(text) },
  { source: nullable(text), device_type: nullable(text), device_name: nullable(text) },
);

/** A whole payload. */
export function envelope(type: string, data: JsonObject): JsonObject {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: type,
    ...object({ type: { const: type }, data }),
  };
}
