/** The command `listen`, as the command line offers it. */
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { DELAY_MS_MAX, PROFILES, STATUS } from "./options.js";
import type { ListenOptions } from "./options.js";

export function addListenCommand(program: Command): void {
  program
    .command("listen")
    .argument("<port>", "port on 127.0.0.1; 0 picks a free one", wholeNumber("a port", 0, 65_535))
    .description("a receiver that verifies and prints what arrives")
    .addOption(
      new Option("--profile <profile>", "wire profile of the endpoint (default: standard and svix)").choices(PROFILES),
    )
    .option("--secret <secret...>", "signing secret of the endpoint, or its webhook key; several during a rotation", [])
    .option("--fail <count>", "answer 500 to this many requests first", wholeNumber("a count", 0, 999_999_999), 0)
    .addOption(
      new Option("--refuse <status>", "answer this status to every request")
        .argParser(wholeNumber("a status that ends a request", STATUS.min, STATUS.max))
        .conflicts(["fail", "wrongPong"]),
    )
    .option("--delay <ms>", "wait before every answer", wholeNumber("a delay in ms", 0, DELAY_MS_MAX), 0)
    .option("--wrong-pong", "answer pings with something else (profile metriport)")
    .action(async (port: number, options: ListenOptions) => (await import("../listen.js")).listen(port, options));
}

function wholeNumber(what: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`${what} is a whole number from ${min} to ${max}.`);
  };
}
