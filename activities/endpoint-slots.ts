/** How many requests are on their way: per endpoint and in the whole process. Excess waits in order of arrival. */

export interface SlotLimits {
  /** @default 32 */
  perEndpoint: number;
  /** @default 512 */
  perProcess: number;
  /** Waiting requests per endpoint beyond which a first attempt goes to the retry lane. @default 256 */
  waitingMax: number;
}

export const DEFAULT_SLOT_LIMITS: SlotLimits = { perEndpoint: 32, perProcess: 512, waitingMax: 256 };

interface Queue {
  running: number;
  waiting: (() => void)[];
}

export class EndpointSlots {
  readonly #queues = new Map<string, Queue>();
  #running = 0;
  #waiting = 0;

  constructor(private readonly limits: SlotLimits = DEFAULT_SLOT_LIMITS) {}

  /** Requests on their way and requests that wait, for metrics. */
  get load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting };
  }

  /** Whether an endpoint has its share already and a queue behind it. */
  isCrowded(endpointId: string): boolean {
    return (this.#queues.get(endpointId)?.waiting.length ?? 0) >= this.limits.waitingMax;
  }

  /** Runs `work` as soon as the endpoint and the process have a free slot. */
  async run<T>(endpointId: string, work: () => Promise<T>): Promise<T> {
    await this.#acquire(endpointId);
    try {
      return await work();
    } finally {
      this.#release(endpointId);
    }
  }

  #acquire(endpointId: string): Promise<void> | undefined {
    const queue = this.#queues.get(endpointId) ?? { running: 0, waiting: [] };
    this.#queues.set(endpointId, queue);
    if (queue.running < this.limits.perEndpoint && this.#running < this.limits.perProcess) {
      queue.running += 1;
      this.#running += 1;
      return undefined;
    }
    this.#waiting += 1;
    return new Promise((resolve) => queue.waiting.push(resolve));
  }

  #release(endpointId: string): void {
    this.#running -= 1;
    const queue = this.#queues.get(endpointId);
    if (queue === undefined) return;
    queue.running -= 1;
    this.#admitNext();
    if (queue.running === 0 && queue.waiting.length === 0) this.#queues.delete(endpointId);
  }

  #admit(queue: Queue): boolean {
    if (queue.running >= this.limits.perEndpoint || this.#running >= this.limits.perProcess) return false;
    const next = queue.waiting.shift();
    if (next === undefined) return false;
    queue.running += 1;
    this.#running += 1;
    this.#waiting -= 1;
    next();
    return true;
  }

  /** Endpoints take turns at the slots of the process: those with long queues do not keep them among themselves. */
  #admitNext(): void {
    if (this.#waiting === 0) return;
    for (const [endpointId, queue] of this.#queues) {
      if (!this.#admit(queue)) continue;
      this.#queues.delete(endpointId);
      this.#queues.set(endpointId, queue);
      return;
    }
  }
}
