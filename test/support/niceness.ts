import { readdirSync, readFileSync } from "node:fs";

/** Of each thread of a process, the one that began the process first. Linux only. */
export function nicenessOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  return threads
    .sort((a, b) => a - b)
    .map((thread) => {
      // The name of the thread stands in parentheses and may contain spaces.
      const fields = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8").replace(/^.*\) /s, "");
      return Number(fields.split(" ")[16]);
    });
}
