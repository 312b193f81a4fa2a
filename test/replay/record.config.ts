import { defineConfig } from "vitest/config";

/** `npm run record-histories`: run before a workflow is changed, never after. */
export default defineConfig({
  test: {
    include: ["test/replay/record.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
