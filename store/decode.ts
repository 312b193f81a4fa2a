/**
 * Documents are parsed like any other input: what another version or a person wrote may be anything. By hand rather than
 * by schema, because every publish and every attempt passes here.
 */
import { Binary } from "mongodb";
import { Secret } from "../core/secret.js";

/** A document as the driver hands it over. */
export interface StoredDocument {
  _id: string;
  [field: string]: unknown;
}

/** Reads the fields of one document and names document and field if one is not what it should be. */
export class Fields {
  constructor(
    private readonly collection: string,
    private readonly document: Readonly<Record<string, unknown>>,
  ) {}

  text(field: string): string {
    const value = this.document[field];
    return typeof value === "string" ? value : this.unfit(field, "a text");
  }

  textOrNull(field: string): string | null {
    return this.isNull(field) ? null : this.text(field);
  }

  number(field: string): number {
    const value = this.document[field];
    return typeof value === "number" ? value : this.unfit(field, "a number");
  }

  numberOrNull(field: string): number | null {
    return this.isNull(field) ? null : this.number(field);
  }

  flag(field: string): boolean {
    const value = this.document[field];
    return typeof value === "boolean" ? value : this.unfit(field, "true or false");
  }

  time(field: string): Date {
    const value = this.document[field];
    return value instanceof Date ? value : this.unfit(field, "a time");
  }

  timeOrNull(field: string): Date | null {
    return this.isNull(field) ? null : this.time(field);
  }

  bytes(field: string): Uint8Array {
    const value = this.document[field];
    return value instanceof Binary ? value.buffer.subarray(0, value.position) : this.unfit(field, "bytes");
  }

  texts(field: string): string[] {
    return this.list(field).map((it) => (typeof it === "string" ? it : this.unfit(field, "a list of texts")));
  }

  textsOrNull(field: string): string[] | null {
    return this.isNull(field) ? null : this.texts(field);
  }

  numbers(field: string): number[] {
    return this.list(field).map((it) => (typeof it === "number" ? it : this.unfit(field, "a list of numbers")));
  }

  oneOf<Value extends string>(field: string, values: readonly Value[]): Value {
    const text = this.text(field);
    return values.find((it) => it === text) ?? this.unfit(field, `one of ${values.join(", ")}`);
  }

  secret(field: string): Secret {
    return new Secret(this.text(field));
  }

  /** A record written by {@link pairsOf}. */
  record(field: string): Record<string, string> {
    const pairs = this.list(field);
    if (pairs.length === 0) return {};
    return Object.fromEntries(pairs.map((it) => this.pair(field, it)));
  }

  /** An object written by {@link jsonOf}. */
  jsonOrNull(field: string): Record<string, unknown> | null {
    if (this.isNull(field)) return null;
    const value: unknown = JSON.parse(this.text(field));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return this.unfit(field, "a JSON object");
    return value as Record<string, unknown>; // An object that JSON.parse made has text keys only.
  }

  /** A list written as JSON text. */
  jsonListOrNull(field: string): unknown[] | null {
    if (this.isNull(field)) return null;
    const value: unknown = JSON.parse(this.text(field));
    return Array.isArray(value) ? (value as unknown[]) : this.unfit(field, "a JSON list"); // As `any[]`, nothing is checked.
  }

  /** A document inside this one. */
  inner(field: string): Fields {
    return this.fieldsOf(field, this.document[field]);
  }

  /** A list of documents inside this one. */
  inners(field: string): Fields[] {
    return this.list(field).map((it) => this.fieldsOf(field, it));
  }

  isNull(field: string): boolean {
    return this.document[field] === null || this.document[field] === undefined;
  }

  private fieldsOf(field: string, value: unknown): Fields {
    if (typeof value !== "object" || value === null) return this.unfit(field, "a document");
    return new Fields(`${this.collection}.${field}`, value as Record<string, unknown>); // Each field is checked when read.
  }

  private list(field: string): readonly unknown[] {
    const value: unknown = this.document[field];
    return Array.isArray(value) ? value : this.unfit(field, "a list");
  }

  private pair(field: string, value: unknown): [string, string] {
    const [name, text, ...rest] = Array.isArray(value) ? (value as unknown[]) : []; // As `any[]`, nothing is checked.
    if (typeof name !== "string" || typeof text !== "string" || rest.length > 0) {
      return this.unfit(field, "a list of pairs of texts");
    }
    return [name, text];
  }

  /** The value itself stays out of the message: it may be a secret. */
  private unfit(field: string, expected: string): never {
    const id = typeof this.document._id === "string" ? this.document._id : "?";
    throw new Error(`stored document ${this.collection}/${id}: ${field} is not ${expected}`);
  }
}

/** A record as pairs: keys may hold dots and dollar signs, which field names of a document had better not. */
export function pairsOf(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record);
}

/** An object as JSON text: a JSON Schema is full of keys such as `$ref`. */
export function jsonOf(value: Readonly<Record<string, unknown>> | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
