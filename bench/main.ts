/**
 * The benchmark, `npm run bench`. Ends with 1 if anything was lost or a scenario failed, with 2 for a wrong option, with
 * 130 after Ctrl-C; whatever it has started is ended in every case.
 */
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import type { Adapter } from "./adapters/adapter.js";
import { posthornAdapter } from "./adapters/posthorn.js";
import { runningPosthornAdapter } from "./adapters/running-posthorn.js";
import { buildOrTake } from "./build.js";
import { Cleanup } from "./cleanup.js";
import { readOptions } from "./options.js";
import type { BenchOptions } from "./options.js";
import { environment } from "./report/environment.js";
import { writeResults } from "./report/results.js";
import { scenarioLines } from "./report/table.js";
import { runAll } from "./run.js";
import type { ScenarioResult } from "./run.js";
import { SCENARIOS } from "./scenarios/index.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const report = (line: string): void => void process.stderr.write(`· ${line}\n`);

const cleanup = new Cleanup(report);
let ending: Promise<never> | undefined;

function end(code: number): Promise<never> {
  ending ??= cleanup.run().then(() => process.exit(code));
  return ending;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (ending !== undefined) return;
    report(`${signal}: stopping what was started`);
    void end(130);
  });
}
process.on("uncaughtException", (error) => {
  report(error.stack ?? error.message);
  void end(1);
});

async function adapterOf(options: BenchOptions): Promise<Adapter> {
  if (options.against !== null) return runningPosthornAdapter(options.against);
  const dist = await buildOrTake(root, options.dist, report);
  return posthornAdapter({ dist, processes: options.processes, report });
}

async function bench(options: BenchOptions): Promise<number> {
  if (options.list) {
    const nameChars = Math.max(...SCENARIOS.map((it) => it.name.length));
    for (const { name, title } of SCENARIOS) say(`${name.padEnd(nameChars)}  ${title}`);
    return 0;
  }
  const startedAt = new Date();
  const dir = resolve(options.dir ?? tmpdir());
  const where = await environment(root, dir);
  for (const [name, value] of Object.entries(where)) say(`${name}: ${value}`);
  const adapter = await adapterOf(options);
  const result = await runAll({ ...options, adapter, dir, cleanup, report }, (scenario) => {
    say(`\n${scenarioLines(scenario).join("\n")}`);
  });
  if (ending !== undefined) return ending;
  const { size, processes, settings } = options;
  const file = { startedAt, environment: where, settings: { size, processes, ...settings }, result };
  say(
    `\n${Object.entries(result.facts)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n")}`,
  );
  say(`written to ${await writeResults(root, options.out, file)}`);
  const bad = result.scenarios.filter(isBad);
  if (bad.length > 0) say(`lost deliveries or failed: ${bad.map((it) => it.name).join(", ")}`);
  return bad.length > 0 ? 1 : 0;
}

function isBad({ failed, findings }: ScenarioResult): boolean {
  return failed !== null || findings.tally.missing > 0;
}

try {
  await end(await bench(readOptions(process.argv.slice(2))));
} catch (error) {
  if (error instanceof CommanderError) await end(error.exitCode === 0 ? 0 : 2);
  report(error instanceof Error ? (error.stack ?? error.message) : String(error));
  await end(1);
}
