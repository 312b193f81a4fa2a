#!/usr/bin/env node
/** The command line: `posthorn <command>`. */
import "./heap-growth.js";
import { Command, Option } from "commander";
import type { Role } from "../service.js";
import { VERSION } from "../version.js";
import { addCatalogCommand } from "./catalog/command.js";
import type { CreateKeyOptions } from "./keys.js";
import { addListenCommand } from "./listen/command.js";
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
  .option("--scope <scope...>", "what it may do, such as events:write; everything if absent")
  .option(
    "--expires <when>",
    "a duration such as 90d, 12h or 30m, or a time such as 2027-01-31T00:00:00Z; never if absent",
  )
  .option("--rate-limit <n>", "requests a second in each process, twice as many at once; no limit if absent")
  .action(async (options: CreateKeyOptions) => (await import("./keys.js")).createKey(options));
keys
  .command("list")
  .description("all keys, with scopes, expiry, last use and rate limit")
  .action(async () => (await import("./keys.js")).listKeys());
keys
  .command("revoke")
  .argument("<id>", "the key's id, as list shows it")
  .description("make a key useless; running processes notice within 5 s")
  .action(async (id: string) => (await import("./keys.js")).revokeKey(id));

const secrets = program.command("secrets").description("encryption keys of what is secret in MongoDB");
secrets
  .command("new-key")
  .description("print a new entry for POSTHORN_ENCRYPTION_KEYS")
  .action(async () => (await import("./secrets.js")).newKey());
secrets
  .command("status")
  .description("how many values are sealed with which key")
  .action(async () => (await import("./secrets.js")).showStatus());
secrets
  .command("rotate")
  .description("seal everything with the first key; a key without values may be dropped")
  .action(async () => (await import("./secrets.js")).rotateSecrets());

addCatalogCommand(program);
addListenCommand(program);

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
