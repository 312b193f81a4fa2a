/** What people read: a block of lines for each scenario. */
import type { ProfileSummary } from "../measure/profile.js";
import type { ScenarioResult } from "../run.js";
import type { Measure } from "./findings.js";

/** Three digits are as many as can be believed. */
export function formatValue(value: number | null): string {
  if (value === null) return "not measured";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

/** Names to the left, numbers to the right, units after them. */
export function alignMeasures(measures: readonly Measure[]): string[] {
  const rows = measures.map((it) => ({ name: it.name, value: formatValue(it.value), unit: it.unit }));
  const nameChars = Math.max(0, ...rows.map((it) => it.name.length));
  const valueChars = Math.max(0, ...rows.map((it) => it.value.length));
  return rows.map(({ name, value, unit }) =>
    `${name.padEnd(nameChars)}  ${value.padStart(valueChars)} ${unit}`.trimEnd(),
  );
}

export function scenarioLines({ name, title, skipped, failed, seconds, findings }: ScenarioResult): string[] {
  if (skipped !== null) return [`${name}: skipped, ${skipped}`];
  const { tally, refusals, problems, notes } = findings;
  return [
    `${name}: ${title} (${seconds} s)`,
    ...alignMeasures(findings.measures).map((line) => `  ${line}`),
    ...(tally.expected === 0
      ? []
      : [`  missing ${tally.missing}, duplicates ${tally.duplicates} of ${tally.expected} deliveries`]),
    ...Object.entries(refusals).map(([reason, count]) => `  refused ${count}: ${reason}`),
    ...Object.entries(problems).map(([problem, count]) => `  in the log, ${count} x: ${problem}`),
    ...notes.map((note) => `  note: ${note}`),
    ...(failed === null ? [] : [`  FAILED: ${failed}`]),
    ...findings.profiles.flatMap(profileLines),
  ];
}

/** Node names profiles `CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile`. */
function threadOf(file: string): string {
  const [, processId, threadId] = /^CPU\.\d+\.\d+\.(\d+)\.(\d+)\./.exec(file) ?? [];
  if (processId === undefined || threadId === undefined) return "a thread";
  return `process ${processId}, ${threadId === "0" ? "main thread" : `thread ${threadId}`}`;
}

function profileLines({ file, busyMs, owners, functions }: ProfileSummary): string[] {
  const rows = (times: ProfileSummary["owners"]): string[] =>
    times.map((it) => `    ${(it.share * 100).toFixed(1).padStart(5)} %  ${Math.round(it.ms)} ms  ${it.name}`);
  return [
    `  profile of ${threadOf(file)} (${file}): busy for ${Math.round(busyMs)} ms, by owner`,
    ...rows(owners),
    `  by function, its own time`,
    ...rows(functions),
  ];
}
