#!/usr/bin/env node
/** The command line: `posthorn <command>`. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { Role } from "../service.js";
import { VERSION } from "../version.js";
import { fail } from "./print.js";

const program = new Command("posthorn")
  .description("Self-hosted, durable webhook delivery.")
  .version(VERSION)
  .showHelpAfterError()
  .addHelpText("after", "\nSettings come from the environment: docs/configuration.md lists them.");

program
  .command("dev")
  .description("everything on this machine: embedded MongoDB and Temporal, API and worker")
  .action(async () => (await import("./dev.js")).dev());

program
  .command("start")
  .description("one production process on an external MongoDB (MONGODB_URI) and Temporal (TEMPORAL_ADDRESS)")
  .addOption(new Option("--role <role>", "what it does").choices(["all", "api", "worker"]).default("all"))
  .action(async (options: { role: Role }) => (await import("./start.js")).start(options));

program
  .command("setup")
  .description("create indexes, search attributes and schedules on existing servers")
  .action(async () => (await import("./setup.js")).setup());

program
  .command("doctor")
  .description("what is reachable, in which version, what is missing and how to get it")
  .action(async () => (await import("./doctor.js")).doctor());

const keys = program.command("keys").description("API keys");
keys
  .command("create")
  .description("make a key and show it, once")
  .option("--admin", "for all applications")
  .option("--application <id>", "id or uid of the application that the key belongs to", "default")
  .option("--name <name>", "what the key is for", "")
  .action(async (options: { admin?: boolean; application: string; name: string }) =>
    (await import("./keys.js")).createKey(options),
  );
keys
  .command("list")
  .description("all keys, with their last four characters")
  .action(async () => (await import("./keys.js")).listKeys());
keys
  .command("revoke")
  .argument("<id>", "the key's id, as list shows it")
  .description("make a key useless; running processes notice within 5 s")
  .action(async (id: string) => (await import("./keys.js")).revokeKey(id));

program
  .command("listen")
  .argument("<port>", "port on 127.0.0.1; 0 picks a free one", portNumber)
  .description("a receiver that verifies and prints what arrives")
  .option("--secret <whsec...>", "signing secret of the endpoint; several during a rotation", [])
  .option("--fail <count>", "answer 500 to this many requests first", count, 0)
  .action(async (port: number, options: { secret: string[]; fail: number }) =>
    (await import("./listen.js")).listen(port, options),
  );

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("a port is a number from 0 to 65535.");
  return port;
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a count is a whole number.");
  return Number(text);
}

try {
  await program.parseAsync();
  // Servers are stopped and connections closed; what is left are libraries' timers.
  process.exit();
} catch (error) {
  fail(
    error instanceof Error
      ? [error.message, ...(process.env.POSTHORN_LOG_LEVEL === "debug" ? [error.stack ?? ""] : [])]
      : String(error),
  );
}
