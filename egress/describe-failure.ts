import { helpFor } from "../core/outcome-help.js";
import type { FailureClass } from "./classify-error.js";

/** A failure in words, for people who look at an attempt; never with an address. */
export function describeFailure(outcome: FailureClass, statusCode: number | null): string {
  const sentence = helpFor(outcome)?.meaning ?? "the receiver answered with a failure";
  return statusCode === null ? sentence : `${sentence} (HTTP ${statusCode})`;
}
