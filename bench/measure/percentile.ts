/** Percentiles of what was measured, all of it: no buckets, no estimates. */

export interface Summary {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

/** The smallest value that at least the share `part` of `sorted` does not exceed (nearest rank); `NaN` of nothing. */
export function percentile(sorted: readonly number[], part: number): number {
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(part * sorted.length)));
  return sorted[rank - 1] ?? Number.NaN;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1),
  };
}
