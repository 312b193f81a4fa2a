const REDACTED = "[redacted]";

/** A text that cannot be printed by accident: JSON, string conversion and inspection show `[redacted]`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The text itself, for signing and for the one answer that shows it.
   *
   * @throws PosthornError `internal` if it came from the store and its encryption key is not there
   */
  reveal(): string {
    return this.#text;
  }

  /** Whether both are known to be the same text. */
  equals(other: Secret): boolean {
    return this.reveal() === other.reveal();
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
