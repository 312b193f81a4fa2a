/**
 * The one request that a half-open circuit breaker lets through, where what waits for it has no workflow: this process makes
 * it, when the breaker's time has come or the sweep finds that it has. No workflow takes part, for a receiver that is down
 * is probed for days. The claim of the probe keeps others from the delivery; if this process ends meanwhile, the claim runs
 * out, the delivery is due as before, and the sweep comes here again.
 */
import type { Endpoint } from "../core/model.js";
import { followOrder } from "./follow-order.js";
import { parkable } from "./parking.js";
import type { ActivityPorts } from "./ports.js";
import { within } from "./within.js";

/** A request that finds no slot within this is not made: its claim lasts little longer than its request. */
export const PROBE_BEGIN_MS = 3_000;
const UNDERWAY_MAX = 256;
/** Those beyond that are looked at again after so long. */
const AGAIN_MS = 1_000;
/** Endpoints whose time is known here; what is beyond is the sweep's own turn's. */
const TIMES_MAX = 10_000;

export class Probes {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #underway = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(private readonly ports: () => ActivityPorts) {}

  /** Probes the endpoint at that time, instead of any time that was known before. */
  at(endpointId: string, time: Date): void {
    clearTimeout(this.#timers.get(endpointId));
    this.#timers.delete(endpointId);
    if (this.#isClosed || this.#timers.size >= TIMES_MAX) return;
    const waitMs = Math.max(0, time.getTime() - this.ports().clock.now());
    const timer = setTimeout(() => this.begin(endpointId), waitMs);
    timer.unref();
    this.#timers.set(endpointId, timer);
  }

  /** Returns at once. Nothing happens unless the breaker lets a request through, nobody has claimed it, and something is due. */
  begin(endpointId: string): void {
    clearTimeout(this.#timers.get(endpointId));
    this.#timers.delete(endpointId);
    if (this.#isClosed || this.#underway.has(endpointId)) return;
    if (this.#underway.size >= UNDERWAY_MAX) {
      this.at(endpointId, new Date(this.ports().clock.now() + AGAIN_MS));
      return;
    }
    const probe = this.#probe(endpointId).finally(() => this.#underway.delete(endpointId));
    this.#underway.set(endpointId, probe);
  }

  /** Begins nothing any more; resolves when what is on its way is on record, or after `waitMs`. */
  async close(waitMs: number): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await within(
      waitMs,
      Promise.all(this.#underway.values()).then(() => true),
    );
  }

  async #probe(endpointId: string): Promise<void> {
    const { endpoints, watch, log } = this.ports();
    try {
      const endpoint = await endpoints.findById(endpointId);
      if (endpoint === null || !parkable(endpoint)) return;
      if (watch.gate(endpoint).kind === "half-open") await this.#attempt(endpoint);
      // Timers and the clock differ by a millisecond, and a probe that came to nothing is over when its claim is.
      const after = watch.gate(endpoint);
      if (after.kind === "open") this.at(endpointId, new Date(after.untilMs));
    } catch (error) {
      // The sweep comes here again.
      log.error({ endpointId }, "probe.failed", error);
    }
  }

  async #attempt(endpoint: Endpoint): Promise<void> {
    const ports = this.ports();
    const [due] = await ports.deliveries.ownerless(endpoint.id, new Date(ports.clock.now() + 1), 1);
    // Whatever is published next is the probe.
    if (due === undefined || !(await ports.watch.claimProbe(endpoint))) return;
    const [event] = await ports.events.findByIds([due.eventId]);
    const { attemptCount } = due;
    await followOrder(ports, {
      order: { deliveryId: due.id, attemptCount, commandId: null },
      ...{ delivery: due, endpoint, event, workflowId: null, isProbe: true },
      // The process before this one may have posted and ended.
      repeated: true,
      beginByMs: ports.clock.now() + PROBE_BEGIN_MS,
    });
    await ports.watch.settle(endpoint.id);
  }
}
