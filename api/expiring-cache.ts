import { putNewest } from "../core/put-newest.js";

/** A bounded map whose entries end by themselves. */
export class ExpiringCache<Value> {
  readonly #entries = new Map<string, { value: Value; expiresAt: number }>();

  constructor(
    private readonly now: () => number,
    private readonly options: { ttlMs: number; entriesMax: number },
  ) {}

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt > this.now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: Value): void {
    const entry = { value, expiresAt: this.now() + this.options.ttlMs };
    putNewest(this.#entries, [key, entry], this.options.entriesMax);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
