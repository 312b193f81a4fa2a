import type { Log } from "../../core/ports.js";
import { Secret } from "../../core/secret.js";
import type { KeyRing } from "./key-ring.js";
import { openText, parseSealedText, sealText } from "./sealed-text.js";
import { UnreadableSecret } from "./unreadable-secret.js";

/** The endpoint that values belong to. */
export interface Owner {
  applicationId: string;
  endpointId: string;
}

export type ValueKind = "secret" | "asymmetric-key" | "header";

interface Opened {
  kind: ValueKind;
  identity: string;
  sealedText: string;
  value: Secret;
}

/** More than an endpoint has; what it had before is in it, too. */
const OPENED_MAX = 64;

/**
 * Seals and opens the values of one endpoint. The identity of a value tells it from others of its kind, wherever it stands
 * among them: a header's name, or when a secret or a key was made.
 */
export class EndpointSealer {
  #opened: Opened[] = [];

  constructor(
    readonly owner: Owner,
    private readonly options: { ring: KeyRing | null; log?: Log | undefined },
  ) {}

  /** Under the active key. What could not be opened stays sealed as it was. */
  seal(kind: ValueKind, identity: string, secret: Secret): string {
    const { ring } = this.options;
    const place = placeOf(this.owner, kind, identity);
    if (secret instanceof UnreadableSecret && secret.place === place) return secret.sealedText;
    const key = ring?.keyOf(ring.activeKid);
    if (ring === null || key === undefined) throw new Error("this store was opened without encryption keys");
    return sealText(secret.reveal(), place, { kid: ring.activeKid, key });
  }

  /**
   * The same text at the same place gives the same object, so that what others prepare from a secret stays useful. What
   * does not open is an {@link UnreadableSecret} and one line in the log.
   */
  open(kind: ValueKind, identity: string, sealedText: string): Secret {
    for (const it of this.#opened) {
      if (it.sealedText === sealedText && it.identity === identity && it.kind === kind) return it.value;
    }
    const value = this.#openAnew(kind, identity, sealedText);
    if (this.#opened.length >= OPENED_MAX) this.#opened = [];
    this.#opened.push({ kind, identity, sealedText, value });
    return value;
  }

  #openAnew(kind: ValueKind, identity: string, sealedText: string): Secret {
    const { ring, log } = this.options;
    const place = placeOf(this.owner, kind, identity);
    const parts = parseSealedText(sealedText);
    const key = parts === null ? undefined : ring?.keyOf(parts.kid);
    const text = parts === null || key === undefined ? null : openText(parts, place, key);
    if (text !== null) return new Secret(text);
    const { applicationId, endpointId } = this.owner;
    const kid = parts?.kid ?? null;
    const problem = problemOf({ kid, isKnown: key !== undefined });
    log?.error({ applicationId, endpointId, field: `${kind} ${identity}`, kid, problem }, "secret.unreadable");
    return new UnreadableSecret(
      sealedText,
      place,
      `stored document endpoints/${endpointId}: ${kind} ${identity} ${problem}`,
    );
  }
}

function problemOf({ kid, isKnown }: { kid: string | null; isKnown: boolean }): string {
  if (kid === null) return "is not a sealed value";
  if (!isKnown) return `is sealed with the key ${kid}, which POSTHORN_ENCRYPTION_KEYS does not have`;
  return `does not open with the key ${kid}: the key is another one, or the value was changed or moved`;
}

/** Only the identity may hold a bar, and what is around it has a fixed form: no two places have the same text. */
function placeOf({ applicationId, endpointId }: Owner, kind: ValueKind, identity: string): string {
  return `${applicationId}|${endpointId}|${kind}|${identity}|v1`;
}
