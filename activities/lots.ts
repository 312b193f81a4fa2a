/**
 * How many parked deliveries of an endpoint get lanes when its breaker has closed: few at first, and twice as many each time
 * that the sweep comes again soon and finds the breaker closed. A receiver that is well again has all of them within
 * seconds; one that answers now and then costs a lane each time, and not one for all that waits.
 */
const SIZE_MAX = 1_000;
/** Whoever had no lot for so long begins anew. */
const SOON_MS = 5_000;
const ENDPOINTS_MAX = 10_000;

interface Lot {
  size: number;
  atMs: number;
}

export class Lots {
  /** The one given longest ago first. */
  readonly #last = new Map<string, Lot>();

  constructor(private readonly sizeMin: number) {}

  next(endpointId: string, nowMs: number): number {
    const last = this.#last.get(endpointId);
    const isSoon = last !== undefined && nowMs - last.atMs <= SOON_MS;
    const size = Math.min(SIZE_MAX, isSoon ? 2 * last.size : this.sizeMin);
    this.#last.delete(endpointId);
    this.#forget();
    this.#last.set(endpointId, { size, atMs: nowMs });
    return size;
  }

  #forget(): void {
    const [oldest] = this.#last.keys();
    if (oldest !== undefined && this.#last.size >= ENDPOINTS_MAX) this.#last.delete(oldest);
  }
}
