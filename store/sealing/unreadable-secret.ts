import { PosthornError } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";

/** A sealed value that does not open. Whoever asks for the text is told why; until then it harms nobody. */
export class UnreadableSecret extends Secret {
  constructor(
    /** As it is stored, so that it can be written back for the day its key is found. */
    readonly sealedText: string,
    readonly place: string,
    private readonly problem: string,
  ) {
    super("");
  }

  /** @throws PosthornError `internal` that names the document, the field and the kid */
  override reveal(): never {
    throw new PosthornError("internal", this.problem);
  }

  /** Nobody can know, and a new secret must be able to take its place. */
  override equals(): boolean {
    return false;
  }
}
