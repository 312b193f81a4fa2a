/** What connections and syncs become as events. */
import { invalidInput } from "../input-issues.js";
import type { ConnectionInput, SyncInput } from "../schemas/health/connections.js";
import { keyTime } from "./event-key.js";
import type { HealthRecord } from "./records.js";

const ERROR_UNKNOWN = "unknown";

type Fields = Readonly<Record<string, unknown>>;

/** @throws `invalid_input` if a field is missing that this `event` needs, or there that it has not */
export function connectionRecord(input: ConnectionInput): HealthRecord {
  const { event, user_id, provider, connection_id, connected_at, reason, revoked_at } = input;
  const eventType = `connection.${event}`;
  const common = { user_id, provider, connection_id };
  const issues = fieldsOf(event, { connected_at, reason, revoked_at });
  if (event === "created") {
    if (isAbsent(connected_at)) throw issues.missing("connected_at");
    issues.refuse("reason", "revoked_at");
    const keyParts = [user_id, provider, keyTime(connected_at)];
    return { eventType, keyParts, userId: user_id, data: { ...common, connected_at } };
  }
  if (isAbsent(reason)) throw issues.missing("reason");
  if (isAbsent(revoked_at)) throw issues.missing("revoked_at");
  issues.refuse("connected_at");
  const keyParts = [user_id, provider, keyTime(revoked_at)];
  return { eventType, keyParts, userId: user_id, data: { ...common, reason, revoked_at } };
}

/** @throws `invalid_input`, as {@link connectionRecord} */
export function syncRecord(input: SyncInput): HealthRecord {
  const { event, user_id, provider, source, run_id, message, metadata, status, items_processed, error } = input;
  const common = { user_id, provider, source, run_id, message, metadata: metadata ?? {} };
  const record = { eventType: `sync.${event}`, keyParts: [run_id], userId: user_id };
  const issues = fieldsOf(event, { status, items_processed, error });
  switch (event) {
    case "started":
      issues.refuse("status", "items_processed", "error");
      return { ...record, data: common };
    case "completed":
      if (isAbsent(status)) throw issues.missing("status");
      issues.refuse("error");
      return { ...record, data: { ...common, status, items_processed: items_processed ?? null } };
    case "failed":
      issues.refuse("status", "items_processed");
      return { ...record, data: { ...common, error: error ?? ERROR_UNKNOWN } };
  }
}

function fieldsOf(event: string, fields: Fields) {
  return {
    missing: (path: string) => invalidInput([{ path, message: `is needed where event is "${event}"` }]),
    refuse: (...names: readonly string[]) => {
      const given = names.filter((name) => !isAbsent(fields[name]));
      if (given.length === 0) return;
      throw invalidInput(given.map((path) => ({ path, message: `does not go with the event "${event}"` })));
    },
  };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
