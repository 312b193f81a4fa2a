/**
 * How many requests are on their way: per endpoint, per application and in this process. Excess waits in order of
 * arrival; endpoints and applications take turns, so that a long queue of one does not keep the others from free slots.
 */
import type { Endpoint } from "../core/model.js";
import { Rests } from "./rests.js";

export interface SlotLimits {
  /** In all processes together. @default 32 */
  perEndpoint: number;
  /** In all processes together. @default 128 */
  perApplication: number;
  /** @default 512 */
  perProcess: number;
  /** Waiting requests per endpoint beyond which a first attempt goes to the retry lane. @default 8,000 */
  waitingMax: number;
  /** The same for how long the last of them would wait, going by how long requests take. @default 8,000 */
  waitMsMax: number;
  /** The same where requests take longer than `slowMs`: the receiver, and not this process, is what they wait for. @default 1,500 */
  slowWaitMsMax: number;
  /** @default 200 */
  slowMs: number;
}

export const DEFAULT_SLOT_LIMITS: SlotLimits = {
  perEndpoint: 32,
  perApplication: 128,
  perProcess: 512,
  waitingMax: 8_000,
  waitMsMax: 8_000,
  slowWaitMsMax: 1_500,
  slowMs: 200,
};

type OwnLimits = Pick<SlotLimits, "perEndpoint" | "perApplication" | "perProcess">;
type Slot = Pick<Endpoint, "id" | "applicationId">;

interface Queue {
  endpointId: string;
  running: number;
  waiting: (() => void)[];
  /** How long a request takes, by the last ones. */
  tookMs: number;
  /** When a request was over, or the first of those that run has begun. */
  movedAtMs: number;
}

/** How much the last request says about the next. */
const WEIGHT = 0.1;

interface Application {
  id: string;
  running: number;
  queues: Map<string, Queue>;
  /** Queues in which something waits, the next one first. */
  turns: Set<Queue>;
}

export class EndpointSlots {
  readonly #applications = new Map<string, Application>();
  /** By endpoint. */
  readonly #queues = new Map<string, Queue>();
  /** Applications in which something waits, the next one first. */
  readonly #turns = new Set<Application>();
  readonly #rests = new Rests();
  #running = 0;
  #waiting = 0;
  #own: OwnLimits;

  constructor(private readonly limits: SlotLimits = DEFAULT_SLOT_LIMITS) {
    this.#own = limits;
  }

  /** Requests on their way and requests that wait, for metrics. */
  get load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting };
  }

  /** The limits of this process: its share of those that hold for all processes together. */
  get own(): OwnLimits {
    return this.#own;
  }

  /** From now on this process has `share` of the limits, 0..1; at least one request at a time stays possible. */
  setShare(share: number): void {
    const part = (limit: number): number => Math.max(1, Math.floor(limit * share));
    const { perEndpoint, perApplication, perProcess } = this.limits;
    this.#own = { perEndpoint: part(perEndpoint), perApplication: part(perApplication), perProcess };
    this.#admitWaiting();
  }

  /** Whether an endpoint has its share already and a queue behind it that will not be over soon. */
  isCrowded(endpointId: string): boolean {
    const queue = this.#queues.get(endpointId);
    if (queue === undefined || queue.waiting.length === 0) return false;
    const { waitingMax, waitMsMax, slowWaitMsMax, slowMs } = this.limits;
    const longest = tookMs(queue) > slowMs ? slowWaitMsMax : waitMsMax;
    return queue.waiting.length >= waitingMax || this.waitMs(endpointId) > longest;
  }

  /** Whether what comes now has to queue behind others for long: behind those that wait here, or lanes that rest. */
  hasLongQueue(endpointId: string): boolean {
    return this.#rests.has(endpointId) || this.isCrowded(endpointId);
  }

  /**
   * How long a lane has to rest before it may send, in ms; 0: it may now. The endpoint is crowded, or lanes that came before
   * it rest because it was: who came first goes first.
   */
  restOf(endpointId: string, laneId: string): number {
    const isCrowded = this.isCrowded(endpointId);
    if (!isCrowded && !this.#rests.isBehind(endpointId, laneId)) return 0;
    return this.#rests.begin(endpointId, laneId, this.waitMs(endpointId));
  }

  /** About how long a further request of the endpoint would wait for its slot. */
  waitMs(endpointId: string): number {
    const queue = this.#queues.get(endpointId);
    if (queue === undefined || queue.waiting.length === 0) return 0;
    return (queue.waiting.length * tookMs(queue)) / Math.max(1, queue.running);
  }

  /** Runs `work` as soon as the endpoint, its application and the process have a free slot. */
  async run<T>(endpoint: Slot, work: () => Promise<T>): Promise<T> {
    const application = this.#applicationOf(endpoint.applicationId);
    const queue = this.#queueOf(application, endpoint.id);
    await this.#acquire(application, queue);
    const beganMs = performance.now();
    if (queue.running === 1) queue.movedAtMs = beganMs;
    try {
      return await work();
    } finally {
      queue.movedAtMs = performance.now();
      queue.tookMs += WEIGHT * (queue.movedAtMs - beganMs - queue.tookMs);
      this.#release(application, queue);
    }
  }

  #applicationOf(id: string): Application {
    const application = this.#applications.get(id) ?? { id, running: 0, queues: new Map(), turns: new Set() };
    this.#applications.set(id, application);
    return application;
  }

  #queueOf(application: Application, endpointId: string): Queue {
    const made = { endpointId, running: 0, waiting: [], tookMs: 0, movedAtMs: performance.now() };
    const queue = application.queues.get(endpointId) ?? made;
    application.queues.set(endpointId, queue);
    this.#queues.set(endpointId, queue);
    return queue;
  }

  #acquire(application: Application, queue: Queue): Promise<void> | undefined {
    if (this.#isFree(application, queue)) {
      this.#take(application, queue, 1);
      return undefined;
    }
    this.#waiting += 1;
    return new Promise((resolve) => {
      queue.waiting.push(resolve);
      application.turns.add(queue);
      this.#turns.add(application);
    });
  }

  #isFree(application: Application, queue: Queue): boolean {
    const { perEndpoint, perApplication, perProcess } = this.#own;
    return queue.running < perEndpoint && application.running < perApplication && this.#running < perProcess;
  }

  #take(application: Application, queue: Queue, count: 1 | -1): void {
    this.#running += count;
    application.running += count;
    queue.running += count;
  }

  #release(application: Application, queue: Queue): void {
    this.#take(application, queue, -1);
    this.#admitWaiting();
    if (queue.running === 0 && queue.waiting.length === 0) {
      application.queues.delete(queue.endpointId);
      this.#queues.delete(queue.endpointId);
    }
    if (application.queues.size === 0) this.#applications.delete(application.id);
  }

  #admitWaiting(): void {
    while (this.#waiting > 0 && this.#running < this.limits.perProcess && this.#admitNext());
  }

  /** One request of the application whose turn it is, of the endpoint whose turn it is there. */
  #admitNext(): boolean {
    for (const application of this.#turns) {
      for (const queue of application.turns) {
        if (!this.#isFree(application, queue)) continue;
        const next = queue.waiting.shift();
        this.#turns.delete(application);
        application.turns.delete(queue);
        if (queue.waiting.length > 0) application.turns.add(queue);
        if (application.turns.size > 0) this.#turns.add(application);
        if (next === undefined) return true;
        this.#waiting -= 1;
        this.#take(application, queue, 1);
        next();
        return true;
      }
    }
    return false;
  }
}

/** Requests of a receiver that hangs have taken no time yet: what counts is for how long none has ended. */
function tookMs(queue: Queue): number {
  return Math.max(queue.tookMs, performance.now() - queue.movedAtMs);
}
