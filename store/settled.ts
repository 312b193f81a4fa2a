import type { Settled } from "./group-commit.js";
import type { WriteOutcome } from "./table.js";

/** One document's outcome as its caller's: being refused is an answer, having failed is an error. */
export function settledOf(outcome: WriteOutcome): Settled<WriteOutcome> {
  return outcome.kind === "failed" ? { ok: false, error: outcome.error } : { ok: true, value: outcome };
}
