/** The plain way of doing it, one workflow for each event, beside the product as it is. */
import { deliveredPerSecond } from "../report/findings.js";
import type { Drive } from "./drive.js";
import { driveNew } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";

const FIRST_ATTEMPTS = "deliverEvents";

export const reference: Scenario = {
  name: "reference",
  title: "5,000 events, one event in a workflow",
  needs: ["control", "settings", "workflows"],
  run: async (bench, findings) => {
    const requests = sized(bench, { full: 5_000, quick: 1_000, tiny: 50 });
    const pace = { kind: "closed", requests, concurrency: 64 } as const;
    const measure = (settings: Readonly<Record<string, string>>, label: string): Promise<Drive> =>
      bench.withTarget(settings, async (target) => {
        const before = await target.countWorkflows(FIRST_ATTEMPTS);
        const driven = await driveNew(bench, target, findings, { pace, label });
        // Fewer than events: some were left to the sweep, which takes many at once.
        findings.add(`${label}: workflows`, (await target.countWorkflows(FIRST_ATTEMPTS)) - before, "");
        return driven;
      });
    const single = await measure({ POSTHORN_BATCH_MAX: "1" }, "one a workflow");
    const usual = await measure({}, "as it is");
    findings.addRatio("delivered, as it is to one a workflow", deliveredPerSecond(usual), deliveredPerSecond(single));
    if (single.settledMs !== null && usual.settledMs !== null) {
      findings.addRatio("everything finished, one a workflow to as it is", single.settledMs, usual.settledMs);
    } else findings.notes.push("one of the two did not finish its work in the background within a minute");
  },
};
