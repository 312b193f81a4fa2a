/** Who sends wrong keys, for the operator: a line in the log and a counter, bounded whatever callers do. */
import { putNewest } from "../../core/put-newest.js";
import type { Clock, Log, Metrics } from "../../core/ports.js";

const LINE_EVERY_MS = 60_000;
const CLIENTS_MAX = 10_000;
/** From all addresses together: whoever has many must not fill a disk. */
const LINES_EACH_MINUTE_MAX = 120;

interface Refusals {
  /** Since the last line about this address. */
  count: number;
  /** Of that line; `null` while there was none. */
  toldAtMs: number | null;
}

export class RefusedKeys {
  /** The address that was refused least recently comes first. */
  readonly #clients = new Map<string, Refusals>();
  #minuteBeganMs = -Infinity;
  #lines = 0;

  constructor(private readonly deps: { clock: Clock; log: Log; metrics?: Pick<Metrics, "authRefused"> | undefined }) {}

  /**
   * One request with a wrong key, or with one that was not looked at any more. The first of an address is logged at once; the
   * next line about it comes with a refusal at least a minute later and says how many there were since.
   *
   * @param clientAddress as {@link clientAddress} tells it: an IPv6 client is its /64
   */
  note(clientAddress: string): void {
    const { clock, log, metrics } = this.deps;
    metrics?.authRefused();
    const now = clock.now();
    const refusals = this.#clients.get(clientAddress) ?? { count: 0, toldAtMs: null };
    refusals.count += 1;
    putNewest(this.#clients, [clientAddress, refusals], CLIENTS_MAX);
    const isTold = refusals.toldAtMs !== null && now - refusals.toldAtMs < LINE_EVERY_MS;
    if (isTold || !this.#mayWrite(now)) return;
    log.warn({ clientAddress, count: refusals.count }, "auth.refused");
    refusals.count = 0;
    refusals.toldAtMs = now;
  }

  #mayWrite(now: number): boolean {
    if (now - this.#minuteBeganMs >= LINE_EVERY_MS) {
      this.#minuteBeganMs = now;
      this.#lines = 0;
    }
    if (this.#lines >= LINES_EACH_MINUTE_MAX) return false;
    this.#lines += 1;
    return true;
  }
}
