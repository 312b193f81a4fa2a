/** Events about connections to providers and about runs that fetch their data. */
import type { CatalogueEntry } from "../entry.js";
import { at, USER_ID } from "./examples.js";
import { count, id, nullable, object, oneOf, text, time } from "./fields.js";
import { recordEntry } from "./record-entry.js";
import { REVOCATION_REASONS, SYNC_SOURCES, SYNC_STATUSES } from "./words.js";

const connection = { user_id: id, provider: text, connection_id: id };
const connectionExample = {
  user_id: USER_ID,
  provider: "garmin",
  connection_id: "a94f0c1e-58b3-4f6d-8e21-6d0b7c93f542",
};

const run = {
  user_id: id,
  provider: text,
  source: oneOf(...SYNC_SOURCES),
  run_id: id,
  message: nullable(text),
  metadata: object({}),
};
const runExample = {
  user_id: USER_ID,
  provider: "garmin",
  source: "pull",
  run_id: "c2d7e5b8-0f3a-4b19-9d64-81e7a2f5c036",
  message: null,
  metadata: {},
};

export const CONNECTION_EVENTS: readonly CatalogueEntry[] = [
  recordEntry("connection.created", "A user connected a provider, for the first time or again.", {
    schema: object({ ...connection, connected_at: time }),
    example: { ...connectionExample, connected_at: at(0) },
  }),
  recordEntry("connection.revoked", "A connection to a provider ended; its data stops coming.", {
    schema: object({
      ...connection,
      reason: oneOf(...REVOCATION_REASONS),
      revoked_at: time,
    }),
    example: { ...connectionExample, reason: "user_disconnected", revoked_at: at(0) },
  }),
  recordEntry("sync.started", "A run that fetches a user's data from a provider began.", {
    schema: object(run),
    example: runExample,
  }),
  recordEntry("sync.completed", "A run that fetches a user's data from a provider ended.", {
    schema: object({
      ...run,
      status: oneOf(...SYNC_STATUSES),
      items_processed: nullable(count),
    }),
    example: { ...runExample, status: "success", items_processed: 214 },
  }),
  recordEntry("sync.failed", "A run that fetches a user's data from a provider broke off.", {
    schema: object({ ...run, error: text }),
    example: { ...runExample, error: "the provider answered 503" },
  }),
];
