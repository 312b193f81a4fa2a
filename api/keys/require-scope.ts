import { PosthornError } from "../../core/errors.js";
import type { KeyBounds } from "../context.js";
import type { NeededScope } from "../procedure-meta.js";

/** @throws `forbidden` with the scope that the key lacks */
export function requireScope({ scopes }: Pick<KeyBounds, "scopes">, needed: NeededScope): void {
  if (needed === "any" || scopes === null || scopes.includes(needed)) return;
  throw new PosthornError("forbidden", `The key lacks the scope "${needed}".`);
}
