/** What one scenario found: measures with units, and what must be zero. */
import type { Tally } from "../measure/matching.js";
import { summarize } from "../measure/percentile.js";
import type { ProfileSummary, Window } from "../measure/profile.js";
import type { Drive } from "../scenarios/drive.js";

export interface Measure {
  name: string;
  /** `null`: it could not be measured. */
  value: number | null;
  unit: string;
}

export class Findings {
  readonly measures: Measure[] = [];
  readonly tally: Tally = { expected: 0, missing: 0, duplicates: 0 };
  /** Events and requests that were not accepted, by reason. */
  readonly refusals: Record<string, number> = {};
  /** Warnings and errors in the product's log, by name. */
  readonly problems: Record<string, number> = {};
  readonly notes: string[] = [];
  readonly profiles: ProfileSummary[] = [];
  /** What was measured, in ms of `nowMs`; profiles are about this time only. */
  #window: Window | null = null;

  get window(): Window | null {
    return this.#window;
  }

  /** Begins anew: each product that is started has profiles of its own. */
  forgetWindow(): void {
    this.#window = null;
  }

  noteWindow({ fromMs, untilMs }: Window): void {
    this.#window = {
      fromMs: Math.min(this.#window?.fromMs ?? fromMs, fromMs),
      untilMs: Math.max(this.#window?.untilMs ?? untilMs, untilMs),
    };
  }

  add(name: string, value: number | null, unit: string): void {
    this.measures.push({ name, value: value === null || Number.isFinite(value) ? value : null, unit });
  }

  /** `a` in terms of `b`, as a factor. */
  addRatio(name: string, a: number, b: number): void {
    this.add(name, a / b, "x");
  }

  addLatency(name: string, valuesMs: readonly number[]): void {
    const { p50, p99, max } = summarize(valuesMs);
    this.add(`${name} p50`, p50, "ms");
    this.add(`${name} p99`, p99, "ms");
    this.add(`${name} max`, max, "ms");
  }

  /** What must be zero. Part of `addDrive`. */
  count(driven: Drive): void {
    this.tally.expected += driven.tally.expected;
    this.tally.missing += driven.tally.missing;
    this.tally.duplicates += driven.tally.duplicates;
    addCounts(this.refusals, driven.refusals);
    const { startedAtMs, lastAcceptedMs, lastArrivalMs } = driven;
    const untilMs = Number.isNaN(lastArrivalMs) ? lastAcceptedMs : Math.max(lastAcceptedMs, lastArrivalMs);
    this.noteWindow({ fromMs: startedAtMs, untilMs });
  }

  /** Everything about a load that is the same in all scenarios. */
  addDrive(driven: Drive, label = ""): void {
    this.count(driven);
    const name = (text: string): string => (label === "" ? text : `${label}: ${text}`);
    const { acceptedEvents, startedAtMs, lastAcceptedMs, lastArrivalMs, tally } = driven;
    this.add(name("accepted"), perSecond(acceptedEvents, lastAcceptedMs - startedAtMs), "/s");
    this.add(name("delivered"), deliveredPerSecond(driven), "/s");
    this.addLatency(name("accept"), driven.acceptMs);
    this.addLatency(name("end to end"), driven.endToEndMs);
    this.add(name("processor time that the host took"), driven.stolenPercent, "%");
    this.add(name("last arrival after last accept"), lastArrivalMs - lastAcceptedMs, "ms");
    if (driven.settledMs !== null) this.add(name("until nothing is left in the background"), driven.settledMs, "ms");
    if (tally.expected > 0) this.addCpu(driven, label);
  }

  /** For a thousand events each. */
  addCpu(driven: Pick<Drive, "cpu" | "acceptedEvents">, label = ""): void {
    const name = (group: string): string => `${label === "" ? "" : `${label}: `}CPU of ${group}`;
    for (const [group, seconds] of driven.cpu) {
      const value = seconds === null ? null : (seconds * 1_000 * 1_000) / driven.acceptedEvents;
      this.add(name(group), value, "ms/1000 events");
    }
  }

  addProblems(problems: Readonly<Record<string, number>>): void {
    addCounts(this.problems, problems);
  }
}

export function deliveredPerSecond({ tally, lastArrivalMs, startedAtMs }: Drive): number {
  return perSecond(tally.expected - tally.missing, lastArrivalMs - startedAtMs);
}

export function perSecond(count: number, durationMs: number): number {
  return (count * 1_000) / durationMs;
}

function addCounts(to: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(from)) to[name] = (to[name] ?? 0) + count;
}
