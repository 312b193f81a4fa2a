import { TestWorkflowEnvironment } from "@temporalio/testing";
import { expect, it } from "vitest";
import { defaultCacheDir, provisionTimeSkippingServer } from "../../runtime/stack/index.js";
import { useCleanup } from "./scratch.js";

const cleanup = useCleanup();

it("the time-skipping server listens in time for the SDK and skips days", async () => {
  const { path } = await provisionTimeSkippingServer({ cacheDir: defaultCacheDir(), report: () => undefined });
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: "existing-path", path } },
  });
  cleanup(() => env.teardown());
  const before = await env.currentTimeMs();
  await env.sleep("2 days");
  expect((await env.currentTimeMs()) - before).toBeGreaterThanOrEqual(2 * 24 * 3_600_000);
});
