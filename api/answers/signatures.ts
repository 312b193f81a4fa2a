import { aliveAt } from "../../core/alive-secrets.js";
import type { Endpoint } from "../../core/model.js";
import type { SigningSecrets } from "../deps.js";
import type { PublicKeysAnswer, SignatureScheme } from "../schemas/signatures.js";
import { isoTime } from "./time.js";

/** Whether there are private keys is all that an answer says of them. */
export function answerSignatures({ profile, asymmetricKeys }: Endpoint): SignatureScheme[] {
  if (profile === "metriport") return [];
  return asymmetricKeys.length > 0 ? ["v1", "v1a"] : ["v1"];
}

/** The public halves of keys that sign at that time. */
export function answerPublicKeys(
  { asymmetricKeys }: Pick<Endpoint, "asymmetricKeys">,
  secrets: SigningSecrets,
  now: Date,
): PublicKeysAnswer {
  const alive = aliveAt(asymmetricKeys, now.getTime());
  return {
    keys: alive.map(({ key, createdAt, expiresAt }) => ({
      key: secrets.publicKeyOf(key),
      createdAt: isoTime(createdAt),
      expiresAt: expiresAt && isoTime(expiresAt),
    })),
  };
}
