/** What zod found, in the words of {@link InputIssue}. */
import { z } from "zod";
import type { InputIssue } from "../core/errors.js";
import { PosthornError } from "../core/errors.js";

/** More would not help anybody and would let a hostile body multiply itself. */
const ISSUES_MAX = 50;

/** One issue per field; an unknown field is named by its own path. */
export function inputIssues(issues: readonly z.core.$ZodIssue[]): InputIssue[] {
  return issues.flatMap(fieldIssues).slice(0, ISSUES_MAX);
}

/** The error for several things that are wrong with an input; the message carries the first. */
export function invalidInput(issues: readonly InputIssue[]): PosthornError {
  const [first] = issues;
  if (first === undefined) return new PosthornError("invalid_input");
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  const place = first.path === "" ? "" : `${first.path}: `;
  return new PosthornError("invalid_input", `${place}${first.message}${more}`, issues);
}

/**
 * The input as the schema has it.
 *
 * @throws `invalid_input` with everything that is wrong
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw invalidInput(inputIssues(parsed.error.issues));
  return parsed.data;
}

/** The error for one field. */
export function invalidField(path: readonly PropertyKey[], message: string): PosthornError {
  return invalidInput([{ path: z.core.toDotPath([...path]), message }]);
}

/** Whether `error` is zod's, by shape: packages may bring a zod of their own. */
export function zodIssuesOf(error: unknown): readonly z.core.$ZodIssue[] | null {
  if (!(error instanceof Error) || !("issues" in error) || !Array.isArray(error.issues)) return null;
  // Nothing else that procedures throw has `issues` without being a PosthornError, which is sorted out before.
  return error.issues as readonly z.core.$ZodIssue[];
}

function fieldIssues(issue: z.core.$ZodIssue): InputIssue[] {
  if (issue.code !== "unrecognized_keys") {
    return [{ path: z.core.toDotPath([...issue.path]), message: issue.message }];
  }
  return issue.keys.map((key) => ({
    path: z.core.toDotPath([...issue.path, key]).slice(0, 300),
    message: "unknown field",
  }));
}
