/** Health data for tests, and what events make of it. */
import { z } from "zod";
import type { SampleInput } from "../../api/schemas/health/timeseries.js";
import type { WebhookEvent } from "../../core/model.js";

const START_MS = Date.UTC(2026, 10, 22, 6);

/** ISO time so many seconds after six in the morning. */
export function at(seconds: number): string {
  return new Date(START_MS + seconds * 1_000).toISOString();
}

/** Samples a second apart, oldest first. */
export function samples(count: number, fields: Partial<SampleInput> = {}): SampleInput[] {
  return Array.from({ length: count }, (_, index) => ({ timestamp: at(index), value: 60 + (index % 40), ...fields }));
}

export const BATCH = { user_id: "user-1", provider: "garmin", series_type: "heart_rate" };

const timeseriesBody = z.object({
  type: z.string(),
  data: z.object({
    user_id: z.string(),
    provider: z.string(),
    series_type: z.string(),
    sample_count: z.number(),
    start_time: z.string(),
    end_time: z.string(),
    samples: z.array(z.object({ timestamp: z.string(), value: z.number() }).loose()),
    chunk_index: z.number().optional(),
    total_chunks: z.number().optional(),
  }),
});

/** The text that a receiver gets. */
export function textOf(event: WebhookEvent | undefined): string {
  if (event === undefined) throw new Error("no such event");
  return Buffer.from(event.payload).toString();
}

/** The body of a timeseries event. */
export function timeseriesOf(event: WebhookEvent | undefined) {
  return timeseriesBody.parse(JSON.parse(textOf(event)));
}
