/**
 * What of an endpoint is sealed: its signing secrets, its private keys and the values of its headers. Sealed values have
 * field names of their own, so that a plain one, written before values were sealed, can never be taken for one, nor the
 * other way round.
 */
import type { SigningSecret } from "../../core/model.js";
import { Secret } from "../../core/secret.js";
import { pairsOf } from "../decode.js";
import type { Fields } from "../decode.js";
import type { EndpointSealer, ValueKind } from "./endpoint-sealer.js";
import { parseSealedText } from "./sealed-text.js";
import { UnreadableSecret } from "./unreadable-secret.js";

export function sealSecrets(sealer: EndpointSealer, secrets: readonly SigningSecret[]): Record<string, unknown>[] {
  return sealKeys(sealer, "secret", secrets);
}

export function openSecrets(sealer: EndpointSealer, fields: Fields): SigningSecret[] {
  return fields.inners("secrets").map((secret) => {
    const createdAt = secret.time("createdAt");
    const key = secret.isNull("sealedKey")
      ? secret.secret("key")
      : sealer.open("secret", identityOf(createdAt), secret.text("sealedKey"));
    return { key, createdAt, expiresAt: secret.timeOrNull("expiresAt") };
  });
}

export function sealAsymmetricKeys(sealer: EndpointSealer, keys: readonly SigningSecret[]): Record<string, unknown>[] {
  return sealKeys(sealer, "asymmetric-key", keys);
}

/** None in documents from before there were any. There has never been a plain one, so none is read. */
export function openAsymmetricKeys(sealer: EndpointSealer, fields: Fields): SigningSecret[] {
  return innersOf(fields, "asymmetricKeys").map((it) => {
    const createdAt = it.time("createdAt");
    const key = sealer.open("asymmetric-key", identityOf(createdAt), it.text("sealedKey"));
    return { key, createdAt, expiresAt: it.timeOrNull("expiresAt") };
  });
}

export function sealHeaders(
  sealer: EndpointSealer,
  headers: readonly (readonly [string, Secret])[],
): [string, string][] {
  return headers.map(([name, value]) => [name, sealer.seal("header", name, value)]);
}

export function openHeaders(sealer: EndpointSealer, fields: Fields): [string, Secret][] {
  return fields.isNull("sealedHeaders")
    ? headerSecrets(fields.record("headers"))
    : pairsOf(fields.record("sealedHeaders")).map(([name, text]) => [name, sealer.open("header", name, text)]);
}

export function headerSecrets(headers: Readonly<Record<string, string>>): [string, Secret][] {
  return pairsOf(headers).map(([name, value]) => [name, new Secret(value)]);
}

/** A value that does not open is there and throws when it is read: such a header is not the same as none. */
export function headerRecord(headers: readonly (readonly [string, Secret])[]): Readonly<Record<string, string>> {
  const isUnreadable = ([, value]: readonly [string, Secret]): boolean => value instanceof UnreadableSecret;
  const readable = headers.some(isUnreadable) ? headers.filter((it) => !isUnreadable(it)) : headers;
  const record = Object.fromEntries(readable.map(([name, value]) => [name, value.reveal()]));
  if (readable === headers) return record;
  for (const [name, value] of headers.filter(isUnreadable)) {
    Object.defineProperty(record, name, { enumerable: true, get: () => value.reveal() });
  }
  return record;
}

/** What each value is sealed with: secrets, private keys, headers. `null`: it is plain; `?`: it is no sealed text at all. */
export function kidsOf(fields: Fields): (string | null)[] {
  const secrets = fields.inners("secrets").map((it) => it.textOrNull("sealedKey"));
  const asymmetricKeys = innersOf(fields, "asymmetricKeys").map((it) => it.textOrNull("sealedKey"));
  const headers = fields.isNull("sealedHeaders")
    ? Object.keys(fields.record("headers")).map(() => null)
    : Object.values(fields.record("sealedHeaders"));
  return [...secrets, ...asymmetricKeys, ...headers].map((text) => text && (parseSealedText(text)?.kid ?? "?"));
}

function sealKeys(sealer: EndpointSealer, kind: ValueKind, keys: readonly SigningSecret[]): Record<string, unknown>[] {
  return keys.map(({ key, createdAt, expiresAt }) => ({
    sealedKey: sealer.seal(kind, identityOf(createdAt), key),
    createdAt,
    expiresAt,
  }));
}

function innersOf(fields: Fields, field: string): Fields[] {
  return fields.isNull(field) ? [] : fields.inners(field);
}

/** Does not change with the order of secrets or the end of one. */
function identityOf(createdAt: Date): string {
  return String(createdAt.getTime());
}
