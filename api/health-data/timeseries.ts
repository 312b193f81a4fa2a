/** Intake of samples: one pair of events, or one pair per chunk. */
import { LIMITS } from "../../core/limits.js";
import { EVENTLESS_SERIES, granularEvent, seriesType } from "../catalogue/open-wearables/series.js";
import type { SeriesType } from "../catalogue/open-wearables/series.js";
import type { ApiServices } from "../deps.js";
import { invalidField } from "../input-issues.js";
import type { Sample, TimeseriesAnswer, TimeseriesInput } from "../schemas/health/timeseries.js";
import { userChannel } from "../user-channel.js";
import { acceptAll } from "./accept-all.js";
import type { PlannedEvent } from "./accept-all.js";
import { eventKey, keyTime } from "./event-key.js";
import { checkSamples, sampleTexts } from "./samples.js";
import { chunkPayload, chunksOf } from "./timeseries-payloads.js";
import type { Batch } from "./timeseries-payloads.js";

const PROVIDER_UNKNOWN = "unknown";
/** No event is larger than the largest that `publish` takes by default. */
const EVENT_BYTES_MAX = LIMITS.bodyBytesDefault;

export interface TimeseriesCall {
  services: ApiServices;
  applicationId: string;
  bodyBytesMax: number;
  signal: AbortSignal | undefined;
}

/**
 * Stores the events of a batch of samples. Resolves only after all of them are on disk.
 *
 * @throws `invalid_input`, `event_conflict` (nothing is stored), `store_unavailable` (repeat the request)
 */
export async function acceptTimeseries(call: TimeseriesCall, input: TimeseriesInput): Promise<TimeseriesAnswer> {
  const { services, applicationId, signal } = call;
  const series = seriesType(input.series_type);
  const isEventless = EVENTLESS_SERIES.has(input.series_type);
  if (series === null && !isEventless) {
    throw invalidField(["series_type"], `there is no series "${input.series_type}"`);
  }
  const samples = await checkSamples(input.samples, signal);
  const sampleCount = samples.length;
  if (series === null || sampleCount === 0) return { events: [], sampleCount, skipped: isEventless };
  const planned = await planEvents(call, { ...input, samples, series });
  return { events: await acceptAll(services, applicationId, planned, signal), sampleCount, skipped: false };
}

async function planEvents(
  { bodyBytesMax, signal }: TimeseriesCall,
  input: Omit<TimeseriesInput, "samples"> & { samples: Sample[]; series: SeriesType },
): Promise<PlannedEvent[]> {
  const { series, samples } = input;
  const provider = input.provider ?? providerOf(samples) ?? PROVIDER_UNKNOWN;
  const pair = [
    { eventType: series.groupEvent, pairRole: "group" },
    { eventType: granularEvent(series.slug), pairRole: "granular" },
  ] as const;
  const batch: Batch = {
    userId: input.user_id,
    provider,
    series: series.slug,
    eventTypes: pair.map((it) => it.eventType),
    samples: await sampleTexts(samples, { series, provider }, signal),
  };
  const chunks = await chunksOf(batch, Math.min(bodyBytesMax, EVENT_BYTES_MAX), signal);
  const keyOf = (index: number | null, eventType: string) =>
    eventKey([...keyParts(batch, index), eventType], input.revision);
  return chunks.flatMap((chunk) =>
    pair.map(({ eventType, pairRole }) => ({
      eventId: keyOf(chunk.index, eventType),
      otherEventId: otherKey(chunk.index, (index) => keyOf(index, eventType)),
      eventType,
      channel: userChannel(batch.userId),
      pairRole,
      payload: () => chunkPayload(eventType, chunk),
    })),
  );
}

function providerOf(samples: readonly Sample[]): string | undefined {
  return samples.find((it) => typeof it.source?.provider === "string")?.source?.provider ?? undefined;
}

/** The times are the whole batch's, also in the keys of its chunks: a batch that goes on for longer is another one. */
function keyParts({ userId, provider, series, samples }: Batch, index: number | null): string[] {
  const times = [samples[0], samples.at(-1)].map((it) => keyTime(it?.atMs ?? 0));
  const part = index === null ? [] : [`chunk${index}`];
  return ["timeseries", userId, provider, series, ...times, ...part];
}

/** One sample more or less may divide a batch that was whole, or the other way round: it contradicts it all the same. */
function otherKey(index: number | null, keyOf: (index: number | null) => string): string | null {
  if (index === null) return keyOf(0);
  return index === 0 ? keyOf(null) : null;
}
