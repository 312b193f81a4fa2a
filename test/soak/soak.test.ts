import { expect, test } from "vitest";
import { newInstallation } from "../support/posthorn.js";
import { HOSTILE_KINDS } from "./hostile-kinds.js";
import { runSoak } from "./run.js";
import { judge } from "./verdict.js";

/** What is about time is the soak's to judge, which runs for longer than a test may. */
const ABOUT_TIME = /^p99 /;

test.runIf(process.platform === "linux")(
  "a few seconds with half of the receivers hostile: the healthy ones get everything, and nothing stays open",
  { timeout: 180_000 },
  async () => {
    const result = await runSoak({
      options: {
        hostileMs: 6_000,
        seed: 1,
        rate: 10,
        receivers: 4,
        twins: false,
        hostileTimeoutMs: 2_000,
        warmUpMs: 1_000,
        coolDownMs: 60_000,
        sampleMs: 1_000,
      },
      installation: await newInstallation(),
      say: () => undefined,
      signal: new AbortController().signal,
    });
    const outcomes = result.phases[1]?.outcomes ?? {};
    expect(judge(result).broken.filter((it) => !ABOUT_TIME.test(it))).toEqual([]);
    expect(result.phases.map((it) => [it.name, it.counts.accepted > 0])).toEqual([
      ["A", true],
      ["B", true],
      ["C", true],
    ]);
    // The hostile ones were called and did what they are for.
    expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(["ok", "connect.refused", "connect.reset"]));
    expect(result.connections[HOSTILE_KINDS[0]?.name ?? ""]).toBeGreaterThan(0);
  },
);
