/**
 * Connections to providers and runs that fetch their data. Which fields belong to which `event` is checked by the
 * procedure: REST documents know no alternatives at the top of an input. `null` is the same as absent.
 */
import { z } from "zod";
import { REVOCATION_REASONS, SYNC_SOURCES, SYNC_STATUSES } from "../../catalogue/open-wearables/words.js";
import { jsonObject } from "../../json-object.js";
import { applicationField, timeField } from "../fields.js";
import { count, idField, orNull, providerField, revisionField, userIdField } from "./fields.js";

const TEXT_CHARS_MAX = 4_096;

const call = { application: applicationField, revision: revisionField };
const longText = z.string().max(TEXT_CHARS_MAX);

export const connectionInput = z.strictObject({
  ...call,
  event: z.enum(["created", "revoked"]),
  user_id: userIdField,
  provider: providerField,
  connection_id: idField,
  connected_at: timeField.describe("With `created` only, and needed there.").nullish(),
  reason: z.enum(REVOCATION_REASONS).describe("With `revoked` only, and needed there.").nullish(),
  revoked_at: timeField.describe("With `revoked` only, and needed there.").nullish(),
});

export const syncInput = z.strictObject({
  ...call,
  event: z.enum(["started", "completed", "failed"]),
  user_id: userIdField,
  provider: providerField,
  source: z.enum(SYNC_SOURCES),
  run_id: idField,
  message: orNull(longText),
  metadata: jsonObject.describe("Anything; `{}` if absent.").nullish(),
  status: z.enum(SYNC_STATUSES).describe("With `completed` only, and needed there.").nullish(),
  items_processed: count.describe("With `completed` only; `null` if absent.").nullish(),
  error: longText.min(1).describe("With `failed` only; `unknown` if absent.").nullish(),
});

export type ConnectionInput = z.output<typeof connectionInput>;
export type SyncInput = z.output<typeof syncInput>;
