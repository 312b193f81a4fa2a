/** The file that a run leaves. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { RunResult } from "../run.js";

export interface ResultsFile {
  startedAt: Date;
  environment: Record<string, string>;
  settings: Record<string, unknown>;
  result: RunResult;
}

/** Writes it and answers where it is. */
export async function writeResults(root: string, out: string | null, file: ResultsFile): Promise<string> {
  const name = `${file.startedAt.toISOString().slice(0, 19).replaceAll(":", "-")}.json`;
  const path = out === null ? join(root, "bench", "results", name) : resolve(out);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(contentOf(file), null, 2)}\n`);
  return path;
}

function contentOf({ startedAt, environment, settings, result }: ResultsFile): object {
  return {
    startedAt: startedAt.toISOString(),
    environment: { ...environment, ...result.facts },
    settings,
    scenarios: result.scenarios.map(({ findings, ...scenario }) => {
      const { measures, tally, refusals, problems, notes, profiles } = findings;
      return { ...scenario, measures, tally, refusals, problems, notes, profiles };
    }),
  };
}
