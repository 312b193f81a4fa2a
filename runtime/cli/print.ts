/** What the command line says to people. Everything else is a log line. */
import { styleText } from "node:util";

export function say(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** A text of somebody else in a line of ours: it is not to begin lines of its own or steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
}

/** A step of something that takes a while. */
export function report(line: string): void {
  process.stdout.write(`${styleText("dim", "·")} ${line}\n`);
}

/** Says what went wrong and ends the process with `code`. */
export function fail(lines: string | readonly string[], code = 1): never {
  const [first = "", ...rest] = typeof lines === "string" ? [lines] : lines;
  process.stderr.write(`${styleText("red", "error")} ${first}\n${rest.map((it) => `      ${it}\n`).join("")}`);
  process.exit(code);
}
