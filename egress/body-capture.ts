/** For whole answers: without `stream` it keeps nothing from one call to the next. */
const DECODER = new TextDecoder();
const CONTROL_CHARACTERS = /[^\P{Cc}\t\n]/gu;

/** The first bytes of an answer, as text for people: UTF-8 with replacements, without control characters but tab and newline. */
export class BodyCapture {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Whether the answer had, or may have had, more than was kept. */
  truncated = false;

  constructor(readonly bytesMax: number) {}

  /** Keeps what there is room for. `false` when the answer is longer than that. */
  add(chunk: Uint8Array): boolean {
    const room = this.bytesMax - this.#bytes;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#chunks.push(kept);
    this.#bytes += kept.length;
    if (chunk.length > room) this.truncated = true;
    return !this.truncated;
  }

  text(): string {
    if (this.#bytes === 0) return "";
    if (!this.truncated && this.#chunks.length === 1) return plain(DECODER.decode(this.#chunks[0]));
    // A cut in the middle of a character leaves it out rather than show a replacement.
    const decoded = new TextDecoder().decode(Buffer.concat(this.#chunks), { stream: this.truncated });
    return plain(decoded);
  }
}

function plain(text: string): string {
  return text.replace(CONTROL_CHARACTERS, "");
}
