/**
 * The events that carry samples. Every batch of one series is announced twice with the same data: by the event of its
 * group and by its own, the granular one.
 */
import type { JsonObject } from "../../../core/json.js";
import type { CatalogueEntry } from "../entry.js";
import { at, USER_ID, ZONE_OFFSET } from "./examples.js";
import { count, envelope, flag, id, list, nullable, number, object, source, text, time, zoneOffset } from "./fields.js";
import { granularEvent, SERIES_GROUPS } from "./series.js";
import type { SeriesGroup, SeriesType } from "./series.js";

/** Units whose samples add up over a day. */
const SUMS: ReadonlySet<string> = new Set(["count", "kcal", "minutes", "meters", "mL"]);
const APPLE = { provider: "apple", device: "Apple Watch" };
const OTHER_SOURCES: readonly { of: RegExp; source: { provider: string; device: string } }[] = [
  { of: /^garmin_/, source: { provider: "garmin", device: "Forerunner 255" } },
  { of: /^(?:skin_temperature_|breathing_|cardiovascular_)/, source: { provider: "oura", device: "Oura Ring" } },
];

/** Group events first, then the granular ones. */
export const TIMESERIES_EVENTS: readonly CatalogueEntry[] = [
  ...SERIES_GROUPS.map(groupEntry),
  ...SERIES_GROUPS.flatMap((group) => group.members.map(granularEntry)),
];

function groupEntry({ event, words, members }: SeriesGroup): CatalogueEntry {
  const [first] = members;
  if (first === undefined) throw new Error(`no series in ${event}`);
  return {
    name: event,
    description: `New samples of ${words}: one series of this group for each event.`,
    group: null,
    schema: payloadSchema(event, members),
    example: payloadExample(event, first),
    childEvents: members.map((it) => granularEvent(it.slug)),
  };
}

function granularEntry(series: SeriesType): CatalogueEntry {
  const name = granularEvent(series.slug);
  return {
    name,
    description: `New samples of this series: ${series.words}, in ${series.unit}. The same data as ${series.groupEvent}.`,
    group: series.groupEvent,
    schema: payloadSchema(name, [series]),
    example: payloadExample(name, series),
    childEvents: null,
  };
}

/** What the samples of one series look like, for a payload whose other fields are checked already. */
function seriesSchema({ slug, unit }: SeriesType): JsonObject {
  const sample = { type: "object", properties: { type: { const: slug }, unit: { const: unit } } };
  return {
    type: "object",
    properties: { series_type: { const: slug }, samples: { type: "array", items: sample } },
  };
}

function payloadSchema(event: string, members: readonly SeriesType[]): JsonObject {
  const sample = object({
    timestamp: time,
    zone_offset: zoneOffset,
    type: text,
    value: number,
    unit: text,
    source,
    is_daily_total: nullable(flag),
  });
  const data = object(
    {
      user_id: id,
      provider: text,
      series_type: { enum: members.map((it) => it.slug) },
      // Of the whole batch, even where this event carries a part of it.
      sample_count: count,
      start_time: nullable(time),
      end_time: nullable(time),
      samples: list(sample),
    },
    { chunk_index: count, total_chunks: count },
  );
  const together = { chunk_index: ["total_chunks"], total_chunks: ["chunk_index"] };
  return envelope(event, { ...data, dependentRequired: together, anyOf: members.map(seriesSchema) });
}

function payloadExample(event: string, series: SeriesType): JsonObject {
  const { slug, unit, values, everyMinutes } = series;
  const origin = OTHER_SOURCES.find((it) => it.of.test(slug))?.source ?? APPLE;
  const samples = values.map((value, index) => ({
    timestamp: at(index * everyMinutes),
    zone_offset: ZONE_OFFSET,
    type: slug,
    value,
    unit,
    source: origin,
    is_daily_total: SUMS.has(unit) ? false : null,
  }));
  return {
    type: event,
    data: {
      user_id: USER_ID,
      provider: origin.provider,
      series_type: slug,
      sample_count: samples.length,
      start_time: at(0),
      end_time: at((samples.length - 1) * everyMinutes),
      samples,
    },
  };
}
