/** From the samples of a request to the texts that events are made of. */
import type { z } from "zod";
import type { SeriesType } from "../catalogue/open-wearables/series.js";
import { inputIssues, invalidInput } from "../input-issues.js";
import { sampleInput } from "../schemas/health/timeseries.js";
import type { Sample } from "../schemas/health/timeseries.js";
import { inSlices } from "./in-slices.js";

/** More would not help anybody; the rest is not looked at. */
const ISSUES_MAX = 50;

/** A sample as its events carry it. */
export interface SampleText {
  json: string;
  bytes: number;
  timestamp: string;
  atMs: number;
  /** Digits of the second behind those of the millisecond, which `atMs` has no room for. */
  finer: string;
  /** Its place in the request. */
  index: number;
}

/** @throws `invalid_input` with at most 50 issues such as `samples[17].timestamp` */
export async function checkSamples(list: readonly unknown[], signal: AbortSignal | undefined): Promise<Sample[]> {
  const samples: Sample[] = [];
  const issues: z.core.$ZodIssue[] = [];
  await inSlices(
    list,
    (item, index) => {
      if (issues.length >= ISSUES_MAX) return;
      const parsed = sampleInput.safeParse(item);
      if (parsed.success) samples.push(parsed.data);
      else for (const issue of parsed.error.issues) issues.push({ ...issue, path: ["samples", index, ...issue.path] });
    },
    signal,
  );
  if (issues.length > 0) throw invalidInput(inputIssues(issues));
  return samples;
}

/** Each sample serialised once, sorted by time; samples of the same moment keep their order. */
export async function sampleTexts(
  samples: readonly Sample[],
  { series, provider }: { series: SeriesType; provider: string },
  signal: AbortSignal | undefined,
): Promise<SampleText[]> {
  const texts: SampleText[] = [];
  await inSlices(
    samples,
    ({ timestamp, value, zone_offset, source, is_daily_total }, index) => {
      const json = JSON.stringify({
        timestamp,
        zone_offset: zone_offset ?? null,
        type: series.slug,
        value,
        unit: series.unit,
        source: { provider: source?.provider ?? provider, device: source?.device ?? null },
        is_daily_total: is_daily_total ?? null,
      });
      const atMs = Date.parse(timestamp);
      texts.push({ json, bytes: Buffer.byteLength(json), timestamp, atMs, finer: digitsBelowMs(timestamp), index });
    },
    signal,
  );
  return texts.sort(byTime);
}

function byTime(one: SampleText, other: SampleText): number {
  if (one.atMs !== other.atMs || one.finer === other.finer) return one.atMs - other.atMs;
  return one.finer < other.finer ? -1 : 1;
}

/** Without zeros at the end, so that equal times have equal digits. */
function digitsBelowMs(timestamp: string): string {
  const [, digits = ""] = /\.\d{3}(\d*?)0*(?:Z|[+-])/.exec(timestamp) ?? [];
  return digits;
}
