import { putNewest } from "../core/put-newest.js";

/** Answers of name servers are kept this long, whatever they say: short enough to follow a move of the receiver. */
const POSITIVE_MS = 10_000;
const NEGATIVE_MS = 2_000;
const NAMES_MAX = 2_000;

interface Entry {
  answer: Promise<readonly string[]>;
  /** Infinity while the question is open, so that everybody waits for one answer. */
  untilMs: number;
}

/** Remembers answers and failures per name, and asks only once at a time. */
export class AnswerCache {
  readonly #entries = new Map<string, Entry>();

  constructor(readonly now: () => number) {}

  get(name: string, ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const known = this.#entries.get(name);
    if (known !== undefined && known.untilMs > this.now()) return known.answer;

    const entry: Entry = { answer: ask(), untilMs: Number.POSITIVE_INFINITY };
    entry.answer.then(
      () => (entry.untilMs = this.now() + POSITIVE_MS),
      () => (entry.untilMs = this.now() + NEGATIVE_MS),
    );
    putNewest(this.#entries, [name, entry], NAMES_MAX);
    return entry.answer;
  }
}
