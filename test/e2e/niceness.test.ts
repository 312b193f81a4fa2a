import { getPriority, platform } from "node:os";
import { expect, test } from "vitest";
import { nicenessOf } from "../support/niceness.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";

const reason = platform() === "linux" ? "" : " (skipped: only Linux has a niceness for each thread)";

test.skipIf(reason !== "")(`what speaks with Temporal leaves the processor to requests${reason}`, async () => {
  const posthorn = await Posthorn.start(await newInstallation());
  const [main, ...others] = nicenessOf(posthorn.process.pid ?? -1);
  expect(main).toBe(getPriority());
  expect(others).toContain(getPriority() + 5);
  // Threads of Node itself, which collect the main thread's garbage, are as before.
  expect(others).toContain(getPriority());
  await posthorn.stop();
});
