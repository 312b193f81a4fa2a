/** The load process as the run sees it. */
import { startHelper } from "../child.js";
import { loadReport } from "./job.js";
import type { LoadJob, LoadReport } from "./job.js";

const START_MS_MAX = 30_000;
/** Beside what the job itself takes. */
const REPORT_MS_MAX = 600_000;

export interface Load {
  pid: number;
  run(job: LoadJob): Promise<LoadReport>;
  stop(): Promise<void>;
}

export async function startLoad(): Promise<Load> {
  const helper = startHelper("load/main.ts", []);
  await helper.next((message) => (message === "ready" ? true : undefined), START_MS_MAX);
  return {
    pid: helper.pid,
    run: async (job) => {
      const report = helper.next((message) => loadReport.safeParse(message).data, REPORT_MS_MAX);
      helper.send(job);
      return report;
    },
    stop: () => helper.stop(),
  };
}
