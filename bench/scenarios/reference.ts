/**
 * The plain way of doing it, one workflow for each event that makes its first attempts, beside the product as it is. Where
 * one process accepts and another delivers nothing is attempted outside of workflows.
 */
import type { Target } from "../adapters/adapter.js";
import { deliveredPerSecond } from "../report/findings.js";
import type { Drive } from "./drive.js";
import { driveNew } from "./one-endpoint.js";
import { sized } from "./scenario.js";
import type { Scenario } from "./scenario.js";

const FIRST_ATTEMPTS = "deliverEvents";

interface Setup {
  batchMax: string;
  isSplit: boolean;
}

export const reference: Scenario = {
  name: "reference",
  title: "5,000 events, one event in a workflow",
  needs: ["control", "settings", "workflows", "split"],
  run: async (bench, findings) => {
    const measure = (label: string, requests: number, how: Setup): Promise<Drive> => {
      const pace = { kind: "closed", requests, concurrency: 64 } as const;
      const work = async (target: Target): Promise<Drive> => {
        const before = await target.countWorkflows(FIRST_ATTEMPTS);
        const driven = await driveNew(bench, target, findings, { pace, label });
        // Fewer than events: some were left to the sweep, which takes many at once.
        findings.add(`${label}: workflows`, (await target.countWorkflows(FIRST_ATTEMPTS)) - before, "");
        return driven;
      };
      return bench.withTarget({ POSTHORN_BATCH_MAX: how.batchMax }, work, how);
    };
    const many = sized(bench, { full: 5_000, quick: 1_000, tiny: 50 });
    // What waits for its workflow for 30 s is the sweep's, which would be measured instead.
    const fewer = sized(bench, { full: 1_500, quick: 300, tiny: 20 });
    const plain = await measure("one a workflow, delivered by it (API and worker apart)", fewer, {
      batchMax: "1",
      isSplit: true,
    });
    const single = await measure("one a workflow", many, { batchMax: "1", isSplit: false });
    const usual = await measure("as it is", many, { batchMax: "200", isSplit: false });
    findings.addRatio(
      "delivered, as it is to one delivered by its workflow",
      deliveredPerSecond(usual),
      deliveredPerSecond(plain),
    );
    findings.addRatio("delivered, as it is to one a workflow", deliveredPerSecond(usual), deliveredPerSecond(single));
    if (single.settledMs !== null && usual.settledMs !== null) {
      findings.addRatio("everything finished, one a workflow to as it is", single.settledMs, usual.settledMs);
    } else findings.notes.push("one of the two did not finish its work in the background within a minute");
  },
};
