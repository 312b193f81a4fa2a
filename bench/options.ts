/** The command line of the benchmark. */
import { Command, InvalidArgumentError, Option } from "commander";
import { SCENARIOS } from "./scenarios/index.js";
import type { Scenario, Size } from "./scenarios/scenario.js";
import { SIZES } from "./scenarios/scenario.js";

const PROCESSES_MAX = 32;

export interface BenchOptions {
  list: boolean;
  scenarios: readonly Scenario[];
  size: Size;
  processes: number;
  /** Settings of Posthorn, by name. */
  settings: Readonly<Record<string, string>>;
  profile: boolean;
  /** A build to measure; `null`: build this checkout. */
  dist: string | null;
  /** Where throw-away data goes; `null`: the system's folder for such. */
  dir: string | null;
  keep: boolean;
  /** Where the results go; `null`: `bench/results`. */
  out: string | null;
  /** A Posthorn that runs already. */
  against: { url: string; key: string } | null;
  receiverHost: string | null;
}

/** @throws CommanderError for what is no such option; it has been said why */
export function readOptions(argv: readonly string[]): BenchOptions {
  const command = new Command("bench")
    .description("Measures Posthorn on this machine, with servers and data of its own.")
    .option("--list", "say what scenarios there are", false)
    .option("--only <names>", "these scenarios, separated by commas", scenariosOf)
    .option("--quick", "small numbers: does it work, and about how fast", false)
    .addOption(new Option("--size <size>", "how much is published").choices(SIZES).default("full"))
    .option("--processes <n>", "one that accepts and delivers, the others deliver", wholeNumber, 1)
    .option("--set <name=value>", "a setting of Posthorn, such as POSTHORN_BATCH_MAX=55; may be repeated", setting, {})
    .option("--profile", "a CPU profile of each process of Posthorn, and what is in it", false)
    .option("--dist <folder>", "a build of Posthorn to measure, the folder dist; default: build this checkout")
    .option("--dir <folder>", "where throw-away data goes; default: the system's temporary folder")
    .option("--keep", "keep the data, the logs and the profiles", false)
    .option("--out <file>", "where the results go; default: bench/results/<date>.json")
    .option("--against <url>", "a Posthorn that runs already; what needs control of its processes is skipped", httpUrl)
    .addOption(new Option("--key <key>", "admin key for --against").env("BENCH_KEY"))
    .option("--receiver-host <host>", "the name that --against reaches this machine by; default: 127.0.0.1")
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride();
  command.parse(argv, { from: "user" });
  return toOptions(command, command.opts<RawOptions>());
}

/** As commander has read them, by the declarations above. */
interface RawOptions {
  list: boolean;
  only?: readonly Scenario[];
  quick: boolean;
  size: Size;
  processes: number;
  set: Record<string, string>;
  profile: boolean;
  dist?: string;
  dir?: string;
  keep: boolean;
  out?: string;
  against?: string;
  key?: string;
  receiverHost?: string;
}

/** What belongs to a Posthorn that the benchmark starts. */
const OWN = ["processes", "set", "profile", "dist", "dir", "keep"];

function toOptions(command: Command, raw: RawOptions): BenchOptions {
  const { against, key } = raw;
  const isGiven = (name: string): boolean =>
    command.getOptionValueSource(name) !== "default" && command.getOptionValue(name) !== undefined;
  if (against !== undefined) {
    if (key === undefined) command.error("error: --against needs --key <key>, or BENCH_KEY in the environment");
    const own = OWN.filter(isGiven);
    if (own.length > 0) command.error(`error: --${own.join(", --")} cannot be used with --against`);
  } else if (raw.receiverHost !== undefined) command.error("error: --receiver-host needs --against <url>");
  if (raw.quick && isGiven("size")) command.error("error: --quick is --size quick: one of them");
  return {
    list: raw.list,
    scenarios: raw.only ?? SCENARIOS,
    size: raw.quick ? "quick" : raw.size,
    processes: raw.processes,
    settings: raw.set,
    profile: raw.profile,
    dist: raw.dist ?? null,
    dir: raw.dir ?? null,
    keep: raw.keep,
    out: raw.out ?? null,
    against: against === undefined || key === undefined ? null : { url: against, key },
    receiverHost: raw.receiverHost ?? null,
  };
}

function scenariosOf(names: string): Scenario[] {
  return names.split(",").map((name) => {
    const found = SCENARIOS.find((it) => it.name === name.trim());
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`"${name}" is no scenario; --list names them.`);
  });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= PROCESSES_MAX) return value;
  throw new InvalidArgumentError(`Must be a whole number from 1 to ${PROCESSES_MAX}.`);
}

function setting(text: string, before: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Must be NAME=value.");
  return { ...before, [name]: value };
}

function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("Must be an http or https URL.");
  }
  return new URL(text).href.replace(/\/+$/, "");
}
