/** What the log of Posthorn's processes says went wrong. */
import { readFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

const WARNING = 40;
/** Of pino. */
const LEVELS: Readonly<Record<number, string>> = { 40: "warn", 50: "error", 60: "fatal" };
const TAIL_CHARS = 2_000;
const FOREIGN_CHARS = 200;
const NAMES_MAX = 30;
const line = z.looseObject({ level: z.union([z.string(), z.number()]), msg: z.string().default("") });

/** Warnings and errors by name. */
export async function problemsIn(files: readonly string[]): Promise<Record<string, number>> {
  const problems: Record<string, number> = {};
  for (const file of files) {
    for (const text of (await readFile(file, "utf8").catch(() => "")).split("\n")) {
      const name = problemOf(text);
      if (name === null) continue;
      const known = name in problems || Object.keys(problems).length < NAMES_MAX ? name : "others";
      problems[known] = (problems[known] ?? 0) + 1;
    }
  }
  return problems;
}

export async function tailOf(file: string): Promise<string> {
  return (await readFile(file, "utf8").catch(() => "")).slice(-TAIL_CHARS);
}

/** What is no line of the log was not written by it: a crash, or a warning of Node. */
function problemOf(text: string): string | null {
  if (text.trim() === "") return null;
  try {
    const { level, msg } = line.parse(JSON.parse(text));
    const severe = typeof level === "number" ? level >= WARNING : ["warn", "error", "fatal"].includes(level);
    return severe ? `${typeof level === "number" ? (LEVELS[level] ?? level) : level} ${msg}` : null;
  } catch {
    return withoutParticulars(text).slice(0, FOREIGN_CHARS);
  }
}

/** Colours, times, ids and numbers: the same problem has the same name. */
function withoutParticulars(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/^\d{4}-\d\d-\d\dT\S+\s+/, "")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<id>")
    .replace(/\b(\w+_)?[0-9A-Za-z]{27}\b/g, "<id>")
    .replace(/\d+/g, "<n>")
    .trim();
}
