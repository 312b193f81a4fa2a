/** What an API key may do. Writing does not include reading: a key that only publishes learns nothing. */
export const SCOPES = [
  "applications:read",
  "applications:write",
  "endpoints:read",
  "endpoints:write",
  /** Signing secrets, and settings that show one. */
  "secrets:read",
  "events:read",
  "events:write",
  "event-types:read",
  "event-types:write",
  "deliveries:read",
  /** Resend and cancel. */
  "deliveries:write",
  "keys:read",
  "keys:write",
  "audit:read",
] as const;

export type Scope = (typeof SCOPES)[number];

/** Whether `text` is a scope of this version. */
export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}
