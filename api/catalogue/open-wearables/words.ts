/** Words that fields of connections and syncs are limited to, in what producers send and in what receivers get. */

export const REVOCATION_REASONS = ["refresh_failed", "deregistration", "user_disconnected", "sdk_sign_out"] as const;

export const SYNC_SOURCES = ["pull", "webhook", "sdk", "backfill", "xml_import", "linked_account"] as const;

export const SYNC_STATUSES = ["in_progress", "success", "partial", "failed", "cancelled", "skipped"] as const;
