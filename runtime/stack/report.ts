/** Takes one line, without a line end, meant for the person who started the stack. */
export type Report = (line: string) => void;

/** How often a long step says that it is still at work. */
const PROGRESS_EVERY_MS = 15_000;

/**
 * Runs `work` and reports `label` at once, then every 15 seconds with the seconds it has taken so far, and once more when a
 * long step is done. Rejects as `work` does, without a last line.
 */
export async function withProgress<T>(report: Report, label: string, work: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  report(label);
  const timer = setInterval(() => report(`${label}: ${seconds()} s`), PROGRESS_EVERY_MS);
  try {
    const result = await work();
    if (Date.now() - startedAt > PROGRESS_EVERY_MS) report(`${label}: done after ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
