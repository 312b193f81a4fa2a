/** One run: the scenarios one after the other, each on a product that was started for it. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Adapter, Target } from "./adapters/adapter.js";
import type { Cleanup } from "./cleanup.js";
import { startLoad } from "./load/load.js";
import { readProfile } from "./measure/profile.js";
import { startReceiver } from "./receiver/receiver.js";
import { Findings } from "./report/findings.js";
import { measureDirect } from "./scenarios/direct.js";
import type { Bench, Scenario, Size } from "./scenarios/scenario.js";
import { warmUp } from "./warm-up.js";

const PROFILE_TOP = 25;

export interface RunOptions {
  adapter: Adapter;
  scenarios: readonly Scenario[];
  size: Size;
  settings: Readonly<Record<string, string>>;
  profile: boolean;
  receiverHost: string | null;
  /** For throw-away data. */
  dir: string;
  keep: boolean;
  cleanup: Cleanup;
  report: (line: string) => void;
}

export interface ScenarioResult {
  name: string;
  title: string;
  /** Why it did not run; `null`: it did. */
  skipped: string | null;
  /** Why it ended before its end; `null`: it did not. */
  failed: string | null;
  seconds: number;
  findings: Findings;
}

export interface RunResult {
  facts: Record<string, string>;
  scenarios: ScenarioResult[];
}

/** Runs all scenarios; one that fails does not keep the others. `done` hears of each when it is over. */
export async function runAll(options: RunOptions, done: (result: ScenarioResult) => void): Promise<RunResult> {
  const { adapter, cleanup, scenarios } = options;
  const load = await startLoad();
  cleanup.add("the load process", () => load.stop());
  const receiver = await startReceiver({ host: options.receiverHost, idHeader: adapter.idHeader });
  cleanup.add("the receiver", () => receiver.stop());
  const direct = new Map<number, Promise<number>>();
  const facts: Record<string, string> = {};
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    const findings = new Findings();
    const bench: Bench = {
      size: options.size,
      load,
      receiver,
      withTarget: (settings, work, { isSplit } = { isSplit: false }) =>
        withTarget(
          { ...options, settings: { ...options.settings, ...settings }, isSplit, bench, findings, facts },
          work,
        ),
      directRate: (concurrency) => {
        const known = direct.get(concurrency) ?? measureDirect(bench, concurrency).then((it) => it.ratePerSecond);
        direct.set(concurrency, known);
        return known;
      },
    };
    const result = await runOne(scenario, { bench, findings, adapter, report: options.report });
    if (cleanup.isOver) break;
    results.push(result);
    done(result);
  }
  return { facts, scenarios: results };
}

interface One {
  bench: Bench;
  findings: Findings;
  adapter: Adapter;
  report: (line: string) => void;
}

async function runOne(scenario: Scenario, { bench, findings, adapter, report }: One): Promise<ScenarioResult> {
  const { name, title } = scenario;
  const base = { name, title, skipped: null, failed: null, seconds: 0, findings };
  const lacks = scenario.needs.filter((it) => !adapter.capabilities.has(it));
  if (lacks.length > 0) return { ...base, skipped: `it needs ${lacks.join(" and ")}, which is not to be had here` };
  report(`${name}: ${title}`);
  const startMs = Date.now();
  const seconds = (): number => Math.round((Date.now() - startMs) / 1_000);
  try {
    await scenario.run(bench, findings);
    return { ...base, seconds: seconds() };
  } catch (error) {
    return { ...base, seconds: seconds(), failed: error instanceof Error ? error.message : String(error) };
  }
}

interface TargetOptions extends RunOptions {
  bench: Bench;
  findings: Findings;
  facts: Record<string, string>;
  isSplit: boolean;
}

async function withTarget<T>(options: TargetOptions, work: (target: Target) => Promise<T>): Promise<T> {
  const { adapter, settings, isSplit, cleanup, bench, findings } = options;
  findings.forgetWindow();
  const dataDir = await mkdtemp(join(options.dir, "posthorn-bench-"));
  const removeData = cleanup.add("the data", async () => {
    if (!options.keep) await rm(dataDir, { recursive: true, force: true });
  });
  const profileDir = options.profile ? join(dataDir, "profiles") : null;
  if (profileDir !== null) await mkdir(profileDir);
  let target: Target | undefined;
  try {
    target = await adapter.start({ dataDir, settings, isSplit, profileDir, cleanup });
    Object.assign(options.facts, target.facts);
    await warmUp(bench, target);
    return await work(target);
  } finally {
    if (target !== undefined) findings.addProblems(await target.problems());
    await target?.stop();
    if (profileDir !== null) await addProfiles(profileDir, findings);
    await removeData();
  }
}

async function addProfiles(folder: string, findings: Findings): Promise<void> {
  const { window } = findings;
  if (window === null) return;
  for (const file of (await readdir(folder)).sort()) {
    if (!file.endsWith(".cpuprofile")) continue;
    const summary = await readProfile(join(folder, file), window, PROFILE_TOP);
    if (summary.busyMs > 0) findings.profiles.push(summary);
  }
}
