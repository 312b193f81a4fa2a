/** Lanes that rest because their endpoint is crowded: they come back one after the other, and nobody overtakes them. */

/** Between two lanes of one endpoint. */
const APART_MS = 50;
const MS_MIN = 2_000;
const MS_MAX = 30_000;
/** Endpoints beyond which those are forgotten at which nothing rests any more. */
const ENDPOINTS_KEPT = 1_000;
/** Lanes of an endpoint that are known to have rested; those beyond rest as if they had not. */
const LANES_MAX = 10_000;

interface Rest {
  /** When the last of them comes back. */
  untilMs: number;
  lanes: Set<string>;
}

export class Rests {
  readonly #byEndpoint = new Map<string, Rest>();

  has(endpointId: string): boolean {
    return this.#find(endpointId) !== undefined;
  }

  /** Whether lanes of the endpoint rest that came before this one. */
  isBehind(endpointId: string, laneId: string): boolean {
    return this.#find(endpointId)?.lanes.has(laneId) === false;
  }

  /** For how many ms the lane rests: about as long as the queue takes, and longer than those that rest already. */
  begin(endpointId: string, laneId: string, queueMs: number): number {
    this.#forget();
    const nowMs = performance.now();
    const before = this.#find(endpointId);
    const wantedMs = nowMs + Math.max(MS_MIN, queueMs);
    const untilMs = Math.min(Math.max(wantedMs, (before?.untilMs ?? 0) + APART_MS), nowMs + MS_MAX);
    const lanes = before?.lanes ?? new Set();
    if (lanes.size < LANES_MAX) lanes.add(laneId);
    this.#byEndpoint.set(endpointId, { untilMs, lanes });
    return untilMs - nowMs;
  }

  #find(endpointId: string): Rest | undefined {
    const rest = this.#byEndpoint.get(endpointId);
    if (rest === undefined || rest.untilMs > performance.now()) return rest;
    this.#byEndpoint.delete(endpointId);
    return undefined;
  }

  #forget(): void {
    if (this.#byEndpoint.size < ENDPOINTS_KEPT) return;
    for (const endpointId of this.#byEndpoint.keys()) this.#find(endpointId);
  }
}
