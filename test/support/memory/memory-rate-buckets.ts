/** Buckets of rate limits in memory. */
import type { RateBucketStore } from "../../../core/store-ports.js";
import type { RateBucket } from "../../../core/rate-limit.js";

export function memoryRateBuckets(): RateBucketStore & { buckets: Map<string, RateBucket> } {
  const buckets = new Map<string, RateBucket>();
  return {
    buckets,
    find: (endpointId) => Promise.resolve(buckets.get(endpointId) ?? null),
    replace: async (endpointId, before, after) => {
      await Promise.resolve();
      const now = buckets.get(endpointId);
      if (now?.epoch !== before?.epoch || now?.version !== before?.version) return false;
      buckets.set(endpointId, after);
      return true;
    },
    delete: (endpointId) => Promise.resolve(void buckets.delete(endpointId)),
  };
}
