/** What a new key may be given: nobody hands on more than they have. */
import { PosthornError } from "../../core/errors.js";
import type { InputIssue } from "../../core/errors.js";
import type { KeyBounds, Principal } from "../context.js";
import { invalidField } from "../input-issues.js";
import type { KeyCreate } from "../schemas/key.js";

type Wanted = Pick<KeyCreate, "scopes" | "expiresAt" | "rateLimitPerSecond">;

/**
 * The bounds of a key that `maker` makes. What is not asked for is as with the maker.
 *
 * @throws `invalid_input` if it would have expired already, `forbidden` with everything that is more than the maker has
 */
export function grantedBounds(maker: Principal, wanted: Wanted, now: Date): KeyBounds {
  const expiresAt = wanted.expiresAt === undefined ? maker.expiresAt : new Date(wanted.expiresAt);
  if (expiresAt !== null && expiresAt <= now) throw invalidField(["expiresAt"], "must be in the future");
  const bounds = {
    scopes: wanted.scopes ?? maker.scopes,
    expiresAt,
    rateLimitPerSecond: wanted.rateLimitPerSecond ?? maker.rateLimitPerSecond,
  };
  const issues = excess(maker, bounds);
  const [first] = issues;
  if (first === undefined) return bounds;
  throw new PosthornError("forbidden", `The new key would be more than the key that asks: ${first.message}.`, issues);
}

function excess(maker: KeyBounds, { scopes, expiresAt, rateLimitPerSecond }: KeyBounds): InputIssue[] {
  const issues: InputIssue[] = [];
  const extra = (scopes ?? []).filter((scope) => maker.scopes?.includes(scope) === false);
  if (extra.length > 0) issues.push({ path: "scopes", message: `it lacks ${extra.join(", ")}` });
  if (maker.expiresAt !== null && (expiresAt === null || expiresAt > maker.expiresAt)) {
    issues.push({ path: "expiresAt", message: `it ends at ${maker.expiresAt.toISOString()}` });
  }
  const limit = maker.rateLimitPerSecond;
  if (limit !== null && (rateLimitPerSecond === null || rateLimitPerSecond > limit)) {
    issues.push({ path: "rateLimitPerSecond", message: `it may make ${limit} requests a second` });
  }
  return issues;
}
