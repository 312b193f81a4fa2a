/** What the options of `posthorn keys create` mean. */
import { isScope, SCOPES } from "../../core/scopes.js";
import type { Scope } from "../../core/scopes.js";
import { RATE_MAX, RATE_MIN } from "../../api/schemas/key.js";

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @throws Error with the scopes that exist */
export function parseScopes(texts: readonly string[] | undefined): Scope[] | null {
  if (texts === undefined) return null;
  return [...new Set(texts)].map((text) => {
    if (isScope(text)) return text;
    throw new Error(`there is no scope "${text}"; there are ${SCOPES.join(", ")}`);
  });
}

/** A duration from `now` (`90d`, `12h`, `30m`) or an ISO 8601 time with an offset. @throws Error unless it is in the future */
export function parseExpiry(text: string | undefined, now: Date): Date | null {
  if (text === undefined) return null;
  const expiresAt = timeOf(text, now);
  if (Number.isNaN(expiresAt.getTime())) {
    throw new Error(
      `--expires ${text}: write a duration such as 90d, 12h or 30m, or a time such as 2027-01-31T00:00:00Z`,
    );
  }
  if (expiresAt <= now) throw new Error(`--expires ${text} is not in the future`);
  return expiresAt;
}

/** @throws Error out of bounds */
export function parseRateLimit(text: string | undefined): number | null {
  if (text === undefined) return null;
  const rate = /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (rate >= RATE_MIN && rate <= RATE_MAX) return rate;
  throw new Error(`--rate-limit ${text}: write a number of requests a second, ${RATE_MIN} to ${RATE_MAX}`);
}

function timeOf(text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && (unit === "m" || unit === "h" || unit === "d")) {
    return new Date(now.getTime() + Number(count) * UNIT_MS[unit]);
  }
  // Without an offset a time would mean another one on each machine.
  return /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? new Date(text) : new Date(Number.NaN);
}
