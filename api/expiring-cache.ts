import { putNewest } from "../core/put-newest.js";

/** A bounded map whose entries end by themselves. */
export class ExpiringCache<Value> {
  readonly #entries = new Map<string, { value: Value; expiresAt: number; isRenewed: boolean }>();

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

  /**
   * `true` once for each value, when half of its time is over: whoever is told asks for it anew, while others go on with this
   * one. So nobody waits for what is asked for often.
   */
  claimRenewal(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.isRenewed) return false;
    entry.isRenewed = entry.expiresAt - this.now() <= this.options.ttlMs / 2;
    return entry.isRenewed;
  }

  /** @param asOf when the value was right, which may be earlier than now */
  set(key: string, value: Value, asOf = this.now()): void {
    const entry = { value, expiresAt: asOf + this.options.ttlMs, isRenewed: false };
    putNewest(this.#entries, [key, entry], this.options.entriesMax);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
