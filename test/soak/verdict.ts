/** The bounds of a soak, why they are where they are, and which of them were broken. */
import type { PhaseResult, SoakResult } from "./result.js";
import type { Sample } from "./sampler.js";
import { quantile, slope } from "./statistics.js";

/** Latency of healthy receivers, with hostile ones next to them, as a multiple of that without. */
const P99_RATIO_MAX = 1.2;
/**
 * Fifty hostile events a second are 3,000 a minute: 1 KiB that is kept of each would be 3 MiB. What is below that is the
 * unrest of a heap that is collected when the collector likes, which over ten minutes comes to less than 1 MiB a minute.
 */
const RSS_SLOPE_MIB_PER_MINUTE_MAX = 3;
/** Over less than that the warm-up of the process and the work of the collector are all there is to see. */
const RSS_JUDGED_MS_MIN = 5 * 60_000;
/** The first fifth of the phase: caches and pools fill up to their bounds. */
const RSS_WARM_UP_SHARE = 0.2;
/** Connections that are kept open for their next use come and go by a few. */
const SOCKETS_MORE_MAX = 6;
/** The driver keeps what it opened, at most 50, and two that watch the server. */
const MONGODB_SOCKETS_MAX = 52;
const TIMERS_MORE_MAX = 10;

export interface Verdict {
  ratios: { p50: number; p99: number; p999: number };
  /** Without against without, the larger over the smaller: how much the machine itself varies. */
  noiseP99: number;
  rssSlopeMibPerMinute: number;
  rssIsJudged: boolean;
  broken: string[];
}

export function judge(result: SoakResult): Verdict {
  const [a, b, c] = ["A", "B", "C"].map((name) => latenciesOf(result.phases, name));
  const without = [...(a ?? []), ...(c ?? [])];
  const ratio = (share: number) => quantile(b ?? [], share) / quantile(without, share);
  const ratios = { p50: ratio(0.5), p99: ratio(0.99), p999: ratio(0.999) };
  const [p99OfA, p99OfC] = [quantile(a ?? [], 0.99), quantile(c ?? [], 0.99)];
  const rssSlopeMibPerMinute = rssSlope(result);
  const rssIsJudged = result.options.hostileMs >= RSS_JUDGED_MS_MIN;
  const broken: string[] = [];
  const hold = (isHeld: boolean, text: string) => {
    if (!isHeld) broken.push(text);
  };

  hold(result.missing === 0, `${result.missing} accepted events did not arrive at healthy receivers`);
  hold(result.refused === 0, `${result.refused} events were not accepted`);
  hold(result.strays === 0, `${result.strays} deliveries arrived where they do not belong`);
  hold(ratios.p99 < P99_RATIO_MAX, `p99 with hostile receivers is ${ratios.p99.toFixed(2)} times that without`);
  hold(
    !rssIsJudged || rssSlopeMibPerMinute <= RSS_SLOPE_MIB_PER_MINUTE_MAX,
    `memory grows by ${rssSlopeMibPerMinute.toFixed(1)} MiB a minute`,
  );
  for (const problem of leaksBetween(result.start, result.end)) broken.push(problem);
  return { ratios, noiseP99: Math.max(p99OfA / p99OfC, p99OfC / p99OfA), rssSlopeMibPerMinute, rssIsJudged, broken };
}

function latenciesOf(phases: readonly PhaseResult[], name: string): number[] {
  return phases.find((it) => it.name === name)?.latenciesMs ?? [];
}

function rssSlope({ samples }: SoakResult): number {
  const all = samples.filter((it) => it.phase === "B");
  const kept = all.slice(Math.floor(all.length * RSS_WARM_UP_SHARE));
  return slope(kept.map((it) => ({ x: it.atMs / 60_000, y: it.rssMib })));
}

/** What is open at the end, compared with the start. */
export function leaksBetween(start: Sample, end: Sample): string[] {
  const [before, after] = [start.descriptors, end.descriptors];
  const more = (now: number, then: number, what: string) =>
    now > then + SOCKETS_MORE_MAX ? [`${now} ${what} at the end, ${then} at the start`] : [];
  return [
    ...(after.toReceivers > 0 ? [`${after.toReceivers} sockets to receivers that nobody calls any more`] : []),
    ...(after.toMongodb > MONGODB_SOCKETS_MAX ? [`${after.toMongodb} sockets to MongoDB`] : []),
    ...more(after.toTemporal, before.toTemporal, "sockets to Temporal"),
    ...more(after.fromCallers, before.fromCallers, "sockets from callers"),
    ...more(after.other, before.other, "other sockets"),
    ...more(after.all - after.sockets, before.all - before.sockets, "other file descriptors"),
    ...(end.timers > start.timers + TIMERS_MORE_MAX
      ? [`${end.timers} timers at the end, ${start.timers} at the start`]
      : []),
  ];
}
