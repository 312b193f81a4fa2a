/**
 * A change in words that an auditor may read: fields by name, out of a list, so that a new field with a secret stays out
 * until somebody adds it here.
 */
import { isJsonObject } from "../../core/json.js";
import type { JsonObject } from "../../core/json.js";
import type { AuditEntry } from "../../core/model.js";
import { withoutQuery } from "../answers/url.js";

/** Characters of one value as JSON. No thing has more than 10 fields that can be this long, so an entry stays below 16 KiB. */
const VALUE_CHARS_MAX = 512;

const ENDPOINT = [
  ...["uid", "url", "description", "eventTypes", "channels", "headers", "metadata", "profile", "signatures"],
  ...["pairedEvents", "skipPong", "retryPolicy", "rateLimit", "clientErrors", "timeoutMs", "status", "statusReason"],
];

/** By the first part of a procedure's name. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["applications", ["uid", "name", "metadata"]],
  ["endpoints", ENDPOINT],
  ["eventTypes", ["description", "schema", "example", "group", "archived"]],
  ["events", ["state"]],
  ["deliveries", ["status"]],
  ["keys", ["name", "applicationId", "scopes", "expiresAt", "rateLimitPerSecond", "revokedAt"]],
  ["settings", ["webhookUrl", "mrFilters"]],
]);

export interface Change {
  /** Such as `endpoints.update`. */
  action: string;
  targetId: string | null;
  before: object | null;
  /** The answer: `undefined` where the thing is gone. */
  output: unknown;
  /** Fields of the input. */
  named: readonly string[];
}

type Described = Pick<AuditEntry, "targetIds" | "before" | "after">;

/** What an entry says of a change. An answer that is not the thing itself, such as a secret, says nothing. */
export function describeChange({ action, targetId, before, output, named }: Change): Described {
  const fields = FIELDS.get(action.split(".", 1)[0] ?? "") ?? [];
  const after = isJsonObject(output) ? output : null;
  const shownId = after === null ? null : (textOf(after.id) ?? textOf(after.name));
  const id = targetId ?? shownId;
  const targetIds = id === null ? [] : [id];
  const old = isJsonObject(before) ? before : null;
  if (output === undefined && old !== null) return { targetIds, before: pick(old, fields), after: null };
  if (after === null || shownId === null || shownId !== id) return { targetIds, before: null, after: null };
  if (old === null) return { targetIds, before: null, after: pick(after, fields) };
  const changed = fields.filter((field) => isChanged(field, old, after, named));
  return { targetIds, before: pick(old, changed), after: pick(after, changed) };
}

/** Answers mask header values, so only the caller knows whether one has changed. */
function isChanged(field: string, old: JsonObject, after: JsonObject, named: readonly string[]): boolean {
  if (!(field in old) || !(field in after)) return false;
  if (field === "headers" && named.includes(field)) return true;
  return JSON.stringify(old[field]) !== JSON.stringify(after[field]);
}

function pick(thing: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.filter((field) => thing[field] !== undefined).map((field) => [field, shorten(shown(field, thing[field]))]),
  );
}

function shown(field: string, value: unknown): unknown {
  if (field === "headers") return isJsonObject(value) ? Object.keys(value) : null;
  if ((field === "url" || field === "webhookUrl") && typeof value === "string") return withoutQuery(value);
  return value;
}

function shorten(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text.length <= VALUE_CHARS_MAX ? value : `${text.slice(0, VALUE_CHARS_MAX)}… (shortened)`;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
