import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import type { WorkflowBundle } from "@temporalio/worker";
import { temporal } from "@temporalio/proto";
import { beforeAll, expect, test } from "vitest";
import { WORKFLOW } from "../../core/workflow-contract.js";

const folder = new URL("./histories/", import.meta.url);
const histories = readdirSync(folder).filter((it) => it.endsWith(".base64"));

let workflowBundle: WorkflowBundle;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../../workflows/index.ts", import.meta.url)),
    logger: new DefaultLogger("ERROR"),
  });
});

const { History } = temporal.api.history.v1;

function read(name: string): temporal.api.history.v1.History {
  return History.decode(Buffer.from(readFileSync(new URL(name, folder), "utf8"), "base64"));
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

test("every workflow has a history to be held against", () => {
  for (const name of Object.values(WORKFLOW)) {
    expect(histories.some((it) => it.startsWith(`${kebab(name)}.`))).toBe(true);
  }
});

test.each(histories)("a run that began with released code continues with this code: %s", async (name) => {
  await Worker.runReplayHistory({ workflowBundle }, read(name), "replayed");
});

test("a history of another way through a workflow is refused, so these tests can fail", async () => {
  const history = read("deliver-to-endpoint.exhausted.base64");
  for (const { activityTaskScheduledEventAttributes: scheduled } of history.events) {
    if (scheduled?.activityType) scheduled.activityType.name = "somethingElse";
  }
  await expect(Worker.runReplayHistory({ workflowBundle }, history, "replayed")).rejects.toThrow();
});
