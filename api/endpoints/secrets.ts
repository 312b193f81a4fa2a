/** Signing secrets of an endpoint over time. */
import { PosthornError } from "../../core/errors.js";
import { LIMITS } from "../../core/limits.js";
import type { Endpoint, SigningSecret, WireProfile } from "../../core/model.js";
import { Secret } from "../../core/secret.js";
import type { SigningSecrets } from "../deps.js";
import { invalidField } from "../input-issues.js";

/** An imported secret in its canonical form, or a fresh one. `path` is the input field it came in. */
export function secretFrom(
  secrets: SigningSecrets,
  { imported, path, profile }: { imported: string | undefined; path: string; profile: WireProfile },
): Secret {
  if (imported === undefined) return new Secret(secrets.generate(profile));
  const parsed = secrets.parse(imported, profile);
  if (!parsed.ok) throw invalidField([path], parsed.problem);
  return new Secret(parsed.key);
}

/**
 * The secret that receivers should verify with.
 *
 * @throws `conflict` where Metriport's settings were cleared, and the key with them
 */
export function currentSecret(endpoint: Endpoint): Secret {
  const [current] = endpoint.secrets;
  checkNotCleared(endpoint);
  if (current === undefined) throw new PosthornError("internal", `endpoint ${endpoint.id} has no secret`);
  return current.key;
}

/**
 * The new secret first; those before it sign until their grace ends, at most 5 secrets in all. A request of the profile
 * `metriport` has room for one key, so there the one before ends at once.
 *
 * @throws `conflict` where Metriport's settings were cleared: the next URL brings a key of its own
 */
export function rotate(
  endpoint: Pick<Endpoint, "secrets" | "profile" | "statusReason">,
  key: Secret,
  options: { now: Date; graceSeconds: number },
): SigningSecret[] {
  checkNotCleared(endpoint);
  const { secrets, profile } = endpoint;
  if (profile === "metriport") return [{ key, createdAt: options.now, expiresAt: null }];
  return withGrace(secrets, key, options);
}

/** `key` first; those before it stay until their grace ends, at most 5 in all. */
export function withGrace(
  before: readonly SigningSecret[],
  key: Secret,
  { now, graceSeconds }: { now: Date; graceSeconds: number },
): SigningSecret[] {
  const graceEnd = new Date(now.getTime() + graceSeconds * 1000);
  const old = before
    .map((secret) => ({ ...secret, expiresAt: earlier(secret.expiresAt, graceEnd) }))
    .filter((secret) => secret.expiresAt > now);
  return [{ key, createdAt: now, expiresAt: null }, ...old].slice(0, LIMITS.secretsMax);
}

function checkNotCleared({ statusReason }: Pick<Endpoint, "statusReason">): void {
  if (statusReason === "cleared") {
    throw new PosthornError("conflict", "The endpoint has no key until POST /settings sets its URL.");
  }
}

function earlier(expiresAt: Date | null, graceEnd: Date): Date {
  return expiresAt !== null && expiresAt < graceEnd ? expiresAt : graceEnd;
}
