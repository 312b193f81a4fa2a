import type { OutcomeClass } from "../core/outcome.js";

/** A failure that egress itself found out, already classified. */
export class EgressError extends Error {
  override readonly name = "EgressError";
  /** Never one of undici's codes: it would keep a request waiting on a connect error that carries `UND_ERR_SOCKET`. */
  readonly code: string;

  constructor(
    readonly outcome: Exclude<OutcomeClass, "ok">,
    message: string,
  ) {
    super(message);
    this.code = `EGRESS_${outcome}`;
  }
}

/** All that anybody may learn about a connection that the guard refused: no address, no timing. */
export const DESTINATION_NOT_ALLOWED = "destination not allowed";

export function blockedAddress(): EgressError {
  return new EgressError("blocked.address", DESTINATION_NOT_ALLOWED);
}
