/** Processor time that a virtual machine was ready to use and did not get, because its host gave it to others. */
import { cpus } from "node:os";
import { nowMs } from "../clock.js";
import { contentOf, TICKS_PER_SECOND } from "./proc.js";

/** `cpu user nice system idle iowait irq softirq steal` */
const STEAL = 8;

export interface StolenMark {
  atMs: number;
  /** Of all cores since the machine began; `null` where it cannot be known. */
  seconds: number | null;
}

export function markStolen(): StolenMark {
  return { atMs: nowMs(), seconds: stolenSeconds() };
}

/** The share of all cores' time since then, in percent. Latencies of a run with more than a few are the host's. */
export function stolenPercentSince(mark: StolenMark): number | null {
  const seconds = stolenSeconds();
  if (seconds === null || mark.seconds === null) return null;
  return (100 * 1_000 * (seconds - mark.seconds)) / ((nowMs() - mark.atMs) * cpus().length);
}

function stolenSeconds(): number | null {
  const ticks = Number(contentOf("/proc/stat")?.split("\n")[0]?.trim().split(/\s+/)[STEAL]);
  return Number.isNaN(ticks) ? null : ticks / TICKS_PER_SECOND;
}
