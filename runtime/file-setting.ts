/** Settings that name a file which is read at the start. */
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";

const FILE_BYTES_MAX = 4 * 1024 * 1024;

export type FileRead<Value> = { ok: true; value: Value } | { ok: false; problem: string };

function textOf(path: string): FileRead<string> {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) return { ok: false, problem: "is larger than 4 MiB" };
    return { ok: true, value: readFileSync(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    return { ok: false, problem: `cannot be read${code}` };
  }
}

/**
 * A path whose file is read; nothing where none is named.
 *
 * @param parse what the text of the file comes to, or what is wrong with the file, in words that follow its path
 */
export const fileOf = <Value, Nothing>(parse: (text: string) => FileRead<Value>, nothing: Nothing) =>
  z
    .string()
    .default("")
    .transform((given, context): Value | Nothing => {
      const path = given.trim();
      if (path === "") return nothing;
      const text = textOf(path);
      const read = text.ok ? parse(text.value) : text;
      if (read.ok) return read.value;
      context.addIssue({ code: "custom", message: `${path} ${read.problem}` });
      return z.NEVER;
    });
