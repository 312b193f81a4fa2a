/**
 * The processes of an installation know of each other through the store: limits that hold for all of them are shared
 * out evenly among those that make attempts.
 */
import type { Clock, Log } from "../core/ports.js";
import type { ProcessRole, ProcessStore } from "../core/store-ports.js";

const BEAT_MS = 5_000;
const DEAD_MS = 15_000;
/** Entries of processes that ended without a word are removed by the others. */
const FORGET_MS = 600_000;
/** Longer than the others take to notice a new process and to make room for it. */
const SETTLE_MS = 7_000;
/** What a new process takes until then: the others still have everything. */
const SETTLE_SHARE = 0.1;

export interface ProcessRegistryOptions {
  processes: ProcessStore;
  clock: Clock;
  log: Log;
  id: string;
  role: ProcessRole;
  /** Told the share of this process, 0..1, whenever it changes. */
  shared: (share: number) => void;
}

export class ProcessRegistry {
  #timer: NodeJS.Timeout | undefined;
  #count = 1;
  #settledMs = 0;
  #beating: Promise<void> | undefined;

  constructor(private readonly options: ProcessRegistryOptions) {}

  /** Processes that make attempts, this one included, as far as it knows. */
  get count(): number {
    return this.#count;
  }

  /** Resolves when the process is known to the others and knows its share. Rejects with `store_unavailable`. */
  async join(): Promise<void> {
    const { processes, clock } = this.options;
    await this.#beat();
    if (this.#count > 1) this.#settledMs = clock.now() + SETTLE_MS;
    this.#share();
    await processes.removeSeenBefore(new Date(clock.now() - FORGET_MS));
    this.#timer = setInterval(() => {
      this.#beating ??= this.#beatAgain().finally(() => {
        this.#beating = undefined;
      });
    }, BEAT_MS);
    this.#timer.unref();
  }

  /** The others take over its share within seconds; without this, when it has been silent for a while. */
  async leave(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    await this.#beating;
    const { processes, id, log } = this.options;
    await processes.remove(id).catch((error: unknown) => log.warn({ problem: String(error) }, "process.not_removed"));
  }

  /** While the store is away the share stays what it was. */
  async #beatAgain(): Promise<void> {
    try {
      await this.#beat();
    } catch (error) {
      this.options.log.warn({ problem: String(error) }, "process.not_seen");
    }
    this.#share();
  }

  async #beat(): Promise<void> {
    const { processes, clock, id, role } = this.options;
    await processes.beat({ id, role, seenAt: new Date(clock.now()) });
    if (role === "api") return;
    const seen = await processes.seenSince(new Date(clock.now() - DEAD_MS));
    const others = seen.filter((it) => it.role !== "api" && it.id !== id);
    this.#count = others.length + 1;
  }

  #share(): void {
    const settles = this.options.clock.now() < this.#settledMs && this.#count > 1;
    this.options.shared((settles ? SETTLE_SHARE : 1) / this.#count);
  }
}
