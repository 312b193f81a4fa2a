/** How a batch of samples is divided among events. */

export interface ChunkLimits {
  samplesMax: number;
  /** Bytes of the items and the commas between them. */
  bytesMax: number;
}

/** Items `from` to `until`, without the latter. */
export interface ChunkRange {
  from: number;
  until: number;
}

export type Cut = { ok: true; ranges: ChunkRange[] } | { ok: false; tooLarge: number };

/** Fills each chunk as far as the limits allow, in order. `tooLarge`: the place of an item that fits into none. */
export function cutChunks(sizes: readonly number[], limits: ChunkLimits): Cut {
  const ranges: ChunkRange[] = [];
  let from = 0;
  let bytes = 0;
  for (const [index, size] of sizes.entries()) {
    if (size > limits.bytesMax) return { ok: false, tooLarge: index };
    const comma = index > from ? 1 : 0;
    if (index - from >= limits.samplesMax || bytes + comma + size > limits.bytesMax) {
      ranges.push({ from, until: index });
      from = index;
      bytes = size;
    } else {
      bytes += comma + size;
    }
  }
  if (sizes.length > 0) ranges.push({ from, until: sizes.length });
  return { ok: true, ranges };
}
