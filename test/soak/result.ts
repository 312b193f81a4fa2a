/** What a soak has measured. */
import type { PhaseCounts } from "./ledger.js";
import type { SoakOptions } from "./options.js";
import type { Sample } from "./sampler.js";

export interface PhaseResult {
  /** A and C: without hostile receivers. B: with them. */
  name: string;
  /** Of the healthy receivers that all phases have in common. */
  latenciesMs: number[];
  /** Until publishing was answered, for all receivers: what of the latency is not the delivery's. */
  answersMs: number[];
  counts: PhaseCounts;
  /** Not there a while after the phase; what arrived later is in the latencies. */
  late: number;
  /** The longest time by which the load was behind its own plan. */
  loadDelayMsMax: number;
  /** Processors that Posthorn used, on average. */
  processorShare: number;
  /** Share of all processors of the machine that was in use, by whomever. */
  machineShare: number;
  /** Attempts by outcome, of all receivers. */
  outcomes: Record<string, number>;
}

export interface SoakResult {
  options: SoakOptions;
  phases: PhaseResult[];
  /** Accepted by each hostile receiver. */
  connections: Readonly<Record<string, number>>;
  /** Events that were not answered with 202. */
  refused: number;
  /** Arrivals where they do not belong. */
  strays: number;
  /** Accepted events for healthy receivers that never arrived, in all phases. */
  missing: number;
  start: Sample;
  endOfHostility: Sample;
  /** After the rest at the end. */
  end: Sample;
  samples: Sample[];
}
