/** Configuration for commands: all problems at once, then the end. */
import type { Config } from "../config.js";
import { readConfig } from "../config.js";
import { fail } from "./print.js";

export function settings(): Config {
  const read = readConfig(process.env);
  if (read.ok) return read.config;
  return fail(["these settings are wrong:", ...read.problems.map((it) => `- ${it}`), "see docs/configuration.md"], 2);
}

/** Whether an address is reachable from this machine only. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
