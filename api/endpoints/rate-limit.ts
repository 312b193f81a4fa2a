/** A rate limit as callers give it, with what they may leave out. */
import type { RateLimit } from "../../core/rate-limit.js";
import type { EndpointCreate } from "../schemas/endpoint.js";

export function rateLimitFrom(given: NonNullable<EndpointCreate["rateLimit"]> | null): RateLimit | null {
  return given && { perSecond: given.perSecond, burst: given.burst ?? Math.max(1, Math.ceil(given.perSecond)) };
}
