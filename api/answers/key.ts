import type { ApiKey } from "../../core/model.js";
import type { KeyAnswer } from "../schemas/key.js";
import { isoTime, isoTimeOrNull } from "./time.js";

/** Without the hash. */
export function answerKey(key: ApiKey): KeyAnswer {
  return {
    id: key.id,
    name: key.name,
    admin: key.applicationId === null,
    applicationId: key.applicationId,
    scopes: key.scopes && [...key.scopes],
    rateLimitPerSecond: key.rateLimitPerSecond,
    last4: key.last4,
    createdAt: isoTime(key.createdAt),
    expiresAt: isoTimeOrNull(key.expiresAt),
    revokedAt: isoTimeOrNull(key.revokedAt),
    lastUsedAt: isoTimeOrNull(key.lastUsedAt),
  };
}
