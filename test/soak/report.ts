/** The result of a soak for people. */
import type { PhaseResult, SoakResult } from "./result.js";
import type { Sample } from "./sampler.js";
import { quantile } from "./statistics.js";
import type { Verdict } from "./verdict.js";

const ms = (value: number) => value.toFixed(1);

const headings = (names: string) => names.split("|");

/** Columns as wide as their widest cell, the first to the left, the others to the right. */
function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return cells.map((row) => line(row).join("  ")).join("\n");
}

function phaseRow(it: PhaseResult): (string | number)[] {
  const at = (share: number) => ms(quantile(it.latenciesMs, share));
  const answer = (share: number) => ms(quantile(it.answersMs, share));
  const { accepted, missing, duplicates } = it.counts;
  const shares = [it.processorShare.toFixed(2), `${Math.round(it.machineShare * 100)} %`];
  const times = [at(0.5), at(0.99), at(0.999), at(1), answer(0.5), answer(0.99), ms(it.loadDelayMsMax)];
  return [it.name, accepted, it.late, missing, duplicates, ...times, ...shares];
}

function sampleRow(name: string, { descriptors: it, ...sample }: Sample): (string | number)[] {
  const memory = [sample.rssMib, sample.heapUsedMib].map((mib) => mib.toFixed(0));
  const sockets = [it.sockets, it.toReceivers, it.toMongodb, it.toTemporal, it.fromCallers, it.other];
  return [name, ...memory, it.all, ...sockets, sample.timers, sample.resources];
}

const counted = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

export function describe(result: SoakResult, verdict: Verdict): string {
  const { options, phases, samples } = result;
  const { ratios } = verdict;
  const hostile = phases.find((it) => it.name === "B");
  const rss = samples.filter((it) => it.phase === "B").map((it) => it.rssMib);
  const judged = verdict.rssIsJudged ? "" : " (too short to judge)";
  return [
    `${options.receivers} healthy and ${options.receivers} hostile receivers, ${options.rate} events/s to each half` +
      `${options.twins ? ", twins instead of the hostile ones in A and C" : ""}, seed ${options.seed}`,
    "",
    table([
      headings("phase|accepted|late|missing|duplicates|p50 ms|p99|p99.9|max|202 p50|p99|load late|CPUs|machine"),
      ...phases.map(phaseRow),
    ]),
    "",
    `with hostile receivers : without   p50 ${ratios.p50.toFixed(2)}   p99 ${ratios.p99.toFixed(2)}   p99.9 ${ratios.p999.toFixed(2)}` +
      `   (A and C differ by ${verdict.noiseP99.toFixed(2)} at p99)`,
    `attempts in B: ${counted(hostile?.outcomes ?? {})}`,
    `connections of hostile receivers: ${counted(result.connections)}`,
    `memory in B: ${verdict.rssSlopeMibPerMinute.toFixed(2)} MiB a minute${judged}, ` +
      `${(rss[0] ?? 0).toFixed(0)} MiB first, ${(rss.at(-1) ?? 0).toFixed(0)} last, ${Math.max(0, ...rss).toFixed(0)} at most`,
    "",
    table([
      headings("|RSS MiB|heap|fds|sockets|receivers|MongoDB|Temporal|callers|other|timers|resources"),
      sampleRow("start", result.start),
      sampleRow("end of B", result.endOfHostility),
      sampleRow("end", result.end),
    ]),
    "",
    ...(verdict.broken.length === 0 ? ["all bounds held"] : verdict.broken.map((it) => `BROKEN: ${it}`)),
  ].join("\n");
}
