/** CPU time and memory of processes, as the Linux kernel counts them; `null` elsewhere. */
import { contentOf, TICKS_PER_SECOND } from "./proc.js";

/** A part of what runs: the product's processes, its servers, or the benchmark's own. */
export interface ProcessGroup {
  name: string;
  pids: readonly number[];
}

/** CPU seconds since each process began, threads included, by group; `null` where it cannot be measured. */
export function cpuSeconds(groups: readonly ProcessGroup[]): Map<string, number | null> {
  return new Map(groups.map((group) => [group.name, sumOf(group.pids, cpuSecondsOf)]));
}

/**
 * Resident memory in bytes, by group; `null` where it cannot be measured. A page counts once, however often a process maps
 * it (Java's ZGC does so three times), and what several processes share counts in parts.
 */
export function residentBytes(groups: readonly ProcessGroup[]): Map<string, number | null> {
  return new Map(groups.map((group) => [group.name, sumOf(group.pids, residentBytesOf)]));
}

/** What was used between two readings. */
export function difference(
  before: ReadonlyMap<string, number | null>,
  after: ReadonlyMap<string, number | null>,
): Map<string, number | null> {
  return new Map(
    [...after].map(([name, seconds]) => {
      const start = before.get(name) ?? null;
      return [name, seconds === null || start === null ? null : seconds - start];
    }),
  );
}

function sumOf(pids: readonly number[], read: (pid: number) => number | null): number | null {
  let sum = 0;
  for (const pid of pids) {
    const value = read(pid);
    if (value === null) return null;
    sum += value;
  }
  return pids.length === 0 ? null : sum;
}

function cpuSecondsOf(pid: number): number | null {
  // The name of the program stands in parentheses and may contain spaces.
  const fields = contentOf(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
  const [user, system] = [Number(fields?.[11]), Number(fields?.[12])];
  return Number.isNaN(user) || Number.isNaN(system) ? null : (user + system) / TICKS_PER_SECOND;
}

function residentBytesOf(pid: number): number | null {
  const kib = /^Pss:\s+(\d+) kB$/m.exec(contentOf(`/proc/${pid}/smaps_rollup`) ?? "")?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}
