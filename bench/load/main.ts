/** The load process: does one job at a time and answers with what came of it. Ends with the run. */
import process from "node:process";
import { loadJob } from "./job.js";
import { runJob } from "./run-job.js";

process.on("disconnect", () => process.exit());
process.on("message", (message) => {
  void runJob(loadJob.parse(message)).then((report) => process.send?.(report));
});
process.send?.("ready");
