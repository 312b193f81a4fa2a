import { PosthornError } from "../core/errors.js";

export type Noun = "application" | "endpoint" | "event type" | "event" | "delivery" | "attempt" | "key";

/** Whoever mistakes a key for an id is not to find it in the log of what it called us with. */
const KEY = /(?:whsec|whsk|phk)_/;

/** Unknown and foreign things get this one answer. */
export function notFound(noun: Noun, reference: string): PosthornError {
  const shown = KEY.test(reference) ? "[masked]" : reference;
  const scope = noun === "application" ? "" : " in this application";
  return new PosthornError("not_found", `There is no ${noun} "${shown}"${scope}.`);
}
