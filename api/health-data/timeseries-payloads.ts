/** The bodies of timeseries events: a batch whole, or in chunks where it is too long for one event. */
import { LIMITS } from "../../core/limits.js";
import { invalidInput } from "../input-issues.js";
import { cutChunks } from "./chunks.js";
import type { ChunkRange } from "./chunks.js";
import { inSlices } from "./in-slices.js";
import type { SampleText } from "./samples.js";

export interface Batch {
  userId: string;
  provider: string;
  series: string;
  /** The event types that carry it. */
  eventTypes: readonly string[];
  /** At least one, sorted by time. */
  samples: readonly SampleText[];
}

/** What all events of a chunk share: everything behind `"data":`, the end of the body included. */
export interface Chunk {
  /** `null`: the batch was not divided. */
  index: number | null;
  tail: Buffer;
}

interface Place {
  index: number;
  total: number;
}

/** A time in quotes is no longer, and no batch has as many chunks. */
const TIME_BYTES_MAX = 42;
const PLACE_MAX: Place = { index: 999_999, total: 999_999 };

/** The body of the event of that type for a chunk. */
export function chunkPayload(eventType: string, chunk: Chunk): Buffer {
  return Buffer.concat([head(eventType), chunk.tail]);
}

/**
 * Chunks of at most 2,500 samples whose events have at most `eventBytesMax` bytes, whichever of the types they are.
 *
 * @throws `invalid_input` for a sample that is too large for any event
 */
export async function chunksOf(batch: Batch, eventBytesMax: number, signal: AbortSignal | undefined): Promise<Chunk[]> {
  const ranges = rangesOf(batch, eventBytesMax);
  const total = ranges.length;
  const chunks: Chunk[] = [];
  await inSlices(
    ranges,
    ({ from, until }, index) => {
      const samples = batch.samples.slice(from, until);
      const place = total === 1 ? null : { index, total };
      const [opening, closing] = aroundSamples(batch, ends(samples), place);
      const tail = Buffer.from(opening + samples.map((it) => it.json).join(",") + closing);
      chunks.push({ index: place && index, tail });
    },
    signal,
    1,
  );
  return chunks;
}

function rangesOf(batch: Batch, eventBytesMax: number): ChunkRange[] {
  const { samples, eventTypes } = batch;
  const sizes = samples.map((it) => it.bytes);
  const headBytes = Math.max(...eventTypes.map((it) => head(it).byteLength));
  const bytesLeft = (envelope: readonly string[]) => eventBytesMax - headBytes - Buffer.byteLength(envelope.join(""));

  const samplesMax = LIMITS.samplesPerEventMax;
  const whole = cutChunks(sizes, { samplesMax, bytesMax: bytesLeft(aroundSamples(batch, ends(samples), null)) });
  if (whole.ok && whole.ranges.length === 1) return whole.ranges;

  const longest = "0".repeat(TIME_BYTES_MAX - 2);
  const divided = aroundSamples(batch, [longest, longest], PLACE_MAX);
  const cut = cutChunks(sizes, { samplesMax, bytesMax: bytesLeft(divided) });
  if (cut.ok) return cut.ranges;
  const place = samples[cut.tooLarge]?.index ?? 0;
  const message = `is too large for an event of ${eventBytesMax} bytes`;
  throw invalidInput([{ path: `samples[${place}]`, message }]);
}

function head(eventType: string): Buffer {
  return Buffer.from(`{"type":${JSON.stringify(eventType)},"data":`);
}

function ends(samples: readonly SampleText[]): [string, string] {
  return [samples[0]?.timestamp ?? "", samples.at(-1)?.timestamp ?? ""];
}

/** What stands before and behind the samples. */
function aroundSamples(
  batch: Batch,
  [startTime, endTime]: readonly [string, string],
  place: Place | null,
): [string, string] {
  const fields = {
    user_id: batch.userId,
    provider: batch.provider,
    series_type: batch.series,
    sample_count: batch.samples.length,
    start_time: startTime,
    end_time: endTime,
  };
  const opening = `${JSON.stringify(fields).slice(0, -1)},"samples":[`;
  const placed = place === null ? "" : `,"chunk_index":${place.index},"total_chunks":${place.total}`;
  return [opening, `]${placed}}}`];
}
