/** A setting with several values. */
import { z } from "zod";

function entriesOf(list: string): string[] {
  return list
    .split(",")
    .map((it) => it.trim())
    .filter((it) => it !== "");
}

/**
 * A list separated by commas, of which every entry is checked.
 *
 * @param problemOf what is wrong with an entry, in words; `null` if nothing is
 */
export const listOf = (problemOf: (entry: string) => string | null) =>
  z
    .string()
    .default("")
    .transform(entriesOf)
    .superRefine((entries, context) => {
      for (const entry of entries) {
        const problem = problemOf(entry);
        if (problem !== null) context.addIssue({ code: "custom", message: problem });
      }
    });
