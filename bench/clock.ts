/** The clock that every process of a run reads: one per machine, it neither jumps nor depends on when a process began. */
import { hrtime } from "node:process";

/** Milliseconds since some moment in the past, with fractions; the same in all processes of this machine. */
export function nowMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
