/**
 * How many requests are on their way: per endpoint, per application and in this process. Excess waits in order of
 * arrival; endpoints and applications take turns, so that a long queue of one does not keep the others from free slots.
 */
import type { Endpoint } from "../core/model.js";

export interface SlotLimits {
  /** In all processes together. @default 32 */
  perEndpoint: number;
  /** In all processes together. @default 128 */
  perApplication: number;
  /** @default 512 */
  perProcess: number;
  /** Waiting requests per endpoint beyond which a first attempt goes to the retry lane. @default 256 */
  waitingMax: number;
}

export const DEFAULT_SLOT_LIMITS: SlotLimits = {
  perEndpoint: 32,
  perApplication: 128,
  perProcess: 512,
  waitingMax: 256,
};

type Slot = Pick<Endpoint, "id" | "applicationId">;

interface Queue {
  endpointId: string;
  running: number;
  waiting: (() => void)[];
}

interface Application {
  id: string;
  running: number;
  queues: Map<string, Queue>;
  /** Queues in which something waits, the next one first. */
  turns: Set<Queue>;
}

export class EndpointSlots {
  readonly #applications = new Map<string, Application>();
  readonly #waitingOf = new Map<string, number>();
  /** Applications in which something waits, the next one first. */
  readonly #turns = new Set<Application>();
  #running = 0;
  #waiting = 0;
  #share = 1;

  constructor(private readonly limits: SlotLimits = DEFAULT_SLOT_LIMITS) {}

  /** Requests on their way and requests that wait, for metrics. */
  get load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting };
  }

  /** The limits of this process: its share of those that hold for all processes together. */
  get own(): Pick<SlotLimits, "perEndpoint" | "perApplication" | "perProcess"> {
    const part = (limit: number): number => Math.max(1, Math.floor(limit * this.#share));
    const { perEndpoint, perApplication, perProcess } = this.limits;
    return { perEndpoint: part(perEndpoint), perApplication: part(perApplication), perProcess };
  }

  /** From now on this process has `share` of the limits, 0..1; at least one request at a time stays possible. */
  setShare(share: number): void {
    this.#share = share;
    this.#admitWaiting();
  }

  /** Whether an endpoint has its share already and a queue behind it. */
  isCrowded(endpointId: string): boolean {
    return (this.#waitingOf.get(endpointId) ?? 0) >= this.limits.waitingMax;
  }

  /** Runs `work` as soon as the endpoint, its application and the process have a free slot. */
  async run<T>(endpoint: Slot, work: () => Promise<T>): Promise<T> {
    const application = this.#applicationOf(endpoint.applicationId);
    const queue = queueOf(application, endpoint.id);
    await this.#acquire(application, queue);
    try {
      return await work();
    } finally {
      this.#release(application, queue);
    }
  }

  #applicationOf(id: string): Application {
    const application = this.#applications.get(id) ?? { id, running: 0, queues: new Map(), turns: new Set() };
    this.#applications.set(id, application);
    return application;
  }

  #acquire(application: Application, queue: Queue): Promise<void> | undefined {
    if (this.#isFree(application, queue)) {
      this.#take(application, queue, 1);
      return undefined;
    }
    this.#wait(queue, 1);
    return new Promise((resolve) => {
      queue.waiting.push(resolve);
      application.turns.add(queue);
      this.#turns.add(application);
    });
  }

  #isFree(application: Application, queue: Queue): boolean {
    const { perEndpoint, perApplication, perProcess } = this.own;
    return queue.running < perEndpoint && application.running < perApplication && this.#running < perProcess;
  }

  #take(application: Application, queue: Queue, count: 1 | -1): void {
    this.#running += count;
    application.running += count;
    queue.running += count;
  }

  #wait(queue: Queue, count: 1 | -1): void {
    this.#waiting += count;
    const waiting = (this.#waitingOf.get(queue.endpointId) ?? 0) + count;
    if (waiting === 0) this.#waitingOf.delete(queue.endpointId);
    else this.#waitingOf.set(queue.endpointId, waiting);
  }

  #release(application: Application, queue: Queue): void {
    this.#take(application, queue, -1);
    this.#admitWaiting();
    if (queue.running === 0 && queue.waiting.length === 0) application.queues.delete(queue.endpointId);
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
        this.#wait(queue, -1);
        this.#take(application, queue, 1);
        next();
        return true;
      }
    }
    return false;
  }
}

function queueOf(application: Application, endpointId: string): Queue {
  const queue = application.queues.get(endpointId) ?? { endpointId, running: 0, waiting: [] };
  application.queues.set(endpointId, queue);
  return queue;
}
