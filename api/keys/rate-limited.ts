/** The refusal of a limited caller, with when to come back. */
import { PosthornError } from "../../core/errors.js";
import type { Rate } from "./token-buckets.js";

export class RateLimited extends PosthornError {
  /** At least 1. */
  readonly retryAfterSeconds: number;

  constructor(
    message: string,
    readonly rate: Rate,
    waitMs: number,
  ) {
    super("rate_limited", message);
    this.retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  }
}

/**
 * Headers of an answer after which the same request may succeed a little later: `Retry-After`, and for a rate limit
 * those of the IETF draft "RateLimit header fields for HTTP".
 */
export function laterHeaders(error: unknown): Record<string, string> {
  const limited = rateLimitedIn(error);
  if (limited === null) return { "retry-after": "1" };
  const { rate, retryAfterSeconds } = limited;
  const quota = Math.max(1, Math.round(rate.perSecond));
  return {
    "retry-after": String(retryAfterSeconds),
    "ratelimit-policy": `"requests";q=${quota};w=${Math.max(1, Math.round(quota / rate.perSecond))}`,
    ratelimit: `"requests";r=0;t=${retryAfterSeconds}`,
  };
}

/** tRPC wraps what a procedure was refused with. */
function rateLimitedIn(error: unknown): RateLimited | null {
  const found = error instanceof Error && error.cause instanceof RateLimited ? error.cause : error;
  return found instanceof RateLimited ? found : null;
}
