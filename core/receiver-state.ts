/** What one request or ping says about a `metriport` receiver, in the words that its users know. */
import { LIMITS } from "./limits.js";
import type { ReceiverState } from "./model.js";
import { classifyStatus } from "./outcome.js";
import type { OutcomeClass } from "./outcome.js";

/**
 * `OK`, or why the receiver did not take it: the HTTP status in Metriport's words, else the error's text, at most
 * `LIMITS.receiverDetailCharsMax` characters. Not for failures of our own, which say nothing about a receiver.
 */
export function receiverStateAfter(result: {
  outcome: OutcomeClass;
  statusCode: number | null;
  error: string | null;
}): ReceiverState {
  const { outcome, statusCode, error } = result;
  if (outcome === "ok") return { healthy: true, detail: "OK" };
  // A status that came with a broken answer is not what went wrong.
  const isAboutStatus = statusCode !== null && classifyStatus(statusCode) === outcome;
  const detail = isAboutStatus ? `Request failed with status code ${statusCode}` : (error ?? outcome);
  return { healthy: false, detail: detail.slice(0, LIMITS.receiverDetailCharsMax) };
}
