/** When keys were last used: to the minute, beside the requests, and never at their cost. */
import type { Clock, Log } from "../../core/ports.js";
import type { ApiKeyStore } from "../../core/store-ports.js";
import { ExpiringCache } from "../expiring-cache.js";

const WRITE_EVERY_MS = 60_000;
const KEYS_MAX = 10_000;
const WRITES_AT_ONCE = 16;

export class LastUse {
  readonly #noted: ExpiringCache<true>;
  #writing = 0;

  constructor(private readonly deps: { apiKeys: Pick<ApiKeyStore, "touch">; clock: Clock; log: Log }) {
    this.#noted = new ExpiringCache(() => deps.clock.now(), { ttlMs: WRITE_EVERY_MS, entriesMax: KEYS_MAX });
  }

  /** Returns at once. What is not written, because too much is or the store is away, is made up for by a later use. */
  note(keyId: string): void {
    if (this.#noted.get(keyId) !== undefined || this.#writing >= WRITES_AT_ONCE) return;
    this.#noted.set(keyId, true);
    void this.#write(keyId);
  }

  async #write(keyId: string): Promise<void> {
    const { apiKeys, clock, log } = this.deps;
    this.#writing += 1;
    try {
      await apiKeys.touch(keyId, new Date(clock.now()));
    } catch {
      log.debug({ event: "key.use-not-noted" }, "the last use of a key was not noted");
    } finally {
      this.#writing -= 1;
    }
  }
}
