import fc from "fast-check";
import { expect, test } from "vitest";
import { seriesType } from "../../api/catalogue/open-wearables/series.js";
import { cutChunks } from "../../api/health-data/chunks.js";
import { checkSamples, sampleTexts } from "../../api/health-data/samples.js";
import { chunkPayload, chunksOf } from "../../api/health-data/timeseries-payloads.js";
import type { SampleInput } from "../../api/schemas/health/timeseries.js";
import { isPosthornError } from "../../core/errors.js";
import { at } from "../support/health.js";

const EVENT_TYPES = ["heart_rate.created", "series.heart_rate.created"];
const OFFSETS = ["Z", "+01:00", "-03:30"];

const name = (maxLength: number) => fc.string({ minLength: 1, maxLength, unit: "binary" });
const sample: fc.Arbitrary<SampleInput> = fc
  .record({
    seconds: fc.integer({ min: 0, max: 20 }),
    offset: fc.constantFrom(...OFFSETS),
    value: fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
    device: fc.option(name(60)),
    isTotal: fc.option(fc.boolean()),
  })
  .map(({ seconds, offset, value, device, isTotal }) => ({
    timestamp: at(seconds).replace("Z", offset),
    value,
    source: { device },
    is_daily_total: isTotal,
  }));

async function bodiesOf(list: SampleInput[], call: { userId: string; provider: string; eventBytesMax: number }) {
  const series = seriesType("heart_rate");
  if (series === null) throw new Error("no heart rate");
  const { userId, provider, eventBytesMax } = call;
  const samples = await sampleTexts(await checkSamples(list, undefined), { series, provider }, undefined);
  const batch = { userId, provider, series: series.slug, eventTypes: EVENT_TYPES, samples };
  const chunks = await chunksOf(batch, eventBytesMax, undefined);
  return EVENT_TYPES.map((type) => chunks.map((chunk) => chunkPayload(type, chunk)));
}

interface Body {
  type: string;
  data: { samples: { timestamp: string; value: number }[]; [name: string]: unknown };
}

test("whatever the samples and the limit, the chunks together are the sorted samples and none exceeds the limit", async () => {
  const property = fc.asyncProperty(
    fc.array(sample, { minLength: 1, maxLength: 60 }),
    fc.record({ userId: fc.constantFrom("u", "u".repeat(123)), provider: name(64), eventBytesMax: fc.nat(20_000) }),
    async (list, call) => {
      const bodies = await bodiesOf(list, call).catch((error: unknown) => error);
      if (!Array.isArray(bodies)) {
        // Refused: then a sample alone, with its envelope, is about as large as the limit.
        expect(isPosthornError(bodies)).toBe(true);
        expect(call.eventBytesMax).toBeLessThan(3_000);
        return;
      }
      const sorted = list
        .map((it, index) => ({ it, index }))
        .sort((a, b) => Date.parse(a.it.timestamp) - Date.parse(b.it.timestamp) || a.index - b.index)
        .map(({ it }) => ({ timestamp: it.timestamp, value: it.value, device: it.source?.device ?? null }));
      for (const [place, ofType] of (bodies as Buffer[][]).entries()) {
        expect(Math.max(...ofType.map((it) => it.byteLength))).toBeLessThanOrEqual(call.eventBytesMax);
        const parsed = ofType.map((it) => JSON.parse(it.toString()) as Body);
        expect(parsed.map((it) => it.type)).toEqual(ofType.map(() => EVENT_TYPES[place]));
        const total = ofType.length;
        for (const [index, { data }] of parsed.entries()) {
          expect(data).toMatchObject({
            sample_count: list.length,
            start_time: data.samples[0]?.timestamp,
            end_time: data.samples.at(-1)?.timestamp,
            ...(total > 1 && { chunk_index: index, total_chunks: total }),
          });
          if (total === 1) expect(data).not.toHaveProperty("chunk_index");
        }
        const together = parsed.flatMap((it) => it.data.samples);
        expect(together).toMatchObject(
          JSON.parse(
            JSON.stringify(sorted.map(({ timestamp, value, device }) => ({ timestamp, value, source: { device } }))),
          ),
        );
        expect(together).toHaveLength(list.length);
      }
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test("a batch that just fits into one event is not divided, and one byte less divides it", async () => {
  const list = Array.from({ length: 10 }, (_, index) => ({ timestamp: at(index), value: 1 }));
  const call = { userId: "u", provider: "garmin" };
  const [, [whole] = []] = await bodiesOf(list, { ...call, eventBytesMax: 1_000_000 });
  const bytes = whole?.byteLength ?? 0;
  const exact = await bodiesOf(list, { ...call, eventBytesMax: bytes });
  expect(exact.map((it) => it.length)).toEqual([1, 1]);
  const divided = await bodiesOf(list, { ...call, eventBytesMax: bytes - 1 });
  expect(divided.map((it) => it.length)).toEqual([2, 2]);
});

test("cutting keeps every item once and in order, and fills chunks as far as both limits allow", () => {
  const limits = fc.record({ samplesMax: fc.integer({ min: 1, max: 8 }), bytesMax: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 })), limits, (sizes, { samplesMax, bytesMax }) => {
      const cut = cutChunks(sizes, { samplesMax, bytesMax });
      if (!cut.ok) {
        expect(sizes[cut.tooLarge]).toBeGreaterThan(bytesMax);
        return;
      }
      const bytesOf = (from: number, until: number) =>
        sizes.slice(from, until).reduce((sum, it) => sum + it, until - from - 1);
      let next = 0;
      for (const { from, until } of cut.ranges) {
        expect(from).toBe(next);
        expect(until).toBeGreaterThan(from);
        next = until;
        expect(until - from).toBeLessThanOrEqual(samplesMax);
        expect(bytesOf(from, until)).toBeLessThanOrEqual(bytesMax);
        const isFull = until - from === samplesMax || bytesOf(from, until + 1) > bytesMax;
        expect(until === sizes.length || isFull).toBe(true);
      }
      expect(next).toBe(sizes.length);
    }),
  );
});
