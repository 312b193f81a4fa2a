/** Key pairs with which an endpoint's requests are signed beside its secrets. Private halves are made here and never leave. */
import { PosthornError } from "../../core/errors.js";
import type { Endpoint, SigningSecret, WireProfile } from "../../core/model.js";
import type { ApiServices } from "../deps.js";
import { invalidField } from "../input-issues.js";
import type { SignatureScheme } from "../schemas/signatures.js";
import { withGrace } from "./secrets.js";

/**
 * The pairs that an endpoint gets for these signatures: a new one, or none any more. `undefined`: those it has are right.
 *
 * @throws `invalid_input` where the signatures do not suit the profile
 */
export function keyPairsFor(
  { secrets, clock }: Pick<ApiServices, "secrets" | "clock">,
  { profile, asymmetricKeys }: Pick<Endpoint, "profile" | "asymmetricKeys">,
  signatures: readonly SignatureScheme[] | undefined,
): SigningSecret[] | undefined {
  if (signatures === undefined) return undefined;
  checkSignatures(profile, signatures);
  const isWanted = signatures.includes("v1a");
  if (isWanted === asymmetricKeys.length > 0) return undefined;
  if (!isWanted) return [];
  return [{ key: secrets.generatePrivateKey(), createdAt: new Date(clock.now()), expiresAt: null }];
}

/**
 * A new pair first; those before it sign until their grace ends, at most 5 in all.
 *
 * @throws `conflict` where there is none to replace
 */
export function rotateKeyPair(
  services: Pick<ApiServices, "secrets">,
  endpoint: Endpoint,
  options: { now: Date; graceSeconds: number },
): SigningSecret[] {
  checkHasKeyPair(endpoint);
  return withGrace(endpoint.asymmetricKeys, services.secrets.generatePrivateKey(), options);
}

/** @throws `conflict` that says how the endpoint gets a pair, if it can have one */
export function checkHasKeyPair({ profile, asymmetricKeys }: Endpoint): void {
  if (asymmetricKeys.length > 0) return;
  const remedy =
    profile === "metriport"
      ? "its requests are signed with the webhook key alone, as Metriport does"
      : `it signs with v1 only; update it with {"signatures": ["v1", "v1a"]} and it gets one`;
  throw new PosthornError("conflict", `The endpoint has no public key: ${remedy}.`);
}

function checkSignatures(profile: WireProfile, signatures: readonly SignatureScheme[]): void {
  if (profile === "metriport") {
    if (signatures.length === 0) return;
    const remedy = "leave it out, or use the profile standard or svix";
    throw invalidField(
      ["signatures"],
      `cannot be chosen with the profile metriport, which has its own form; ${remedy}`,
    );
  }
  if (!signatures.includes("v1")) {
    throw invalidField(["signatures"], `must be ["v1"] or ["v1", "v1a"]: v1 is what every receiver understands`);
  }
}
