/**
 * Writes what an attempt came to. If the store is down after a request was sent, the result is kept and written later:
 * a repeat of the activity finds it here and does not send the request again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../core/ports.js";
import type { AttemptRecord, DeliveryStore } from "../core/store-ports.js";
import type { Delivery } from "../core/model.js";

const UNWRITTEN_MAX = 10_000;

/** Waits between the tries of one call; and how often results that nobody waits for any more are tried. */
const WAITS = { triesMs: [100, 250, 500, 1_000, 2_000, 4_000], laterMs: 5_000 };

export class RecordedAttempts {
  readonly #unwritten = new Map<string, AttemptRecord>();
  readonly #underway = new Map<string, Promise<Delivery>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly deliveries: DeliveryStore,
    private readonly log: Log,
    private readonly waits: { triesMs: readonly number[]; laterMs: number } = WAITS,
  ) {}

  /**
   * Runs an attempt unless this process has it under way or knows its unwritten result: whoever asks again, such as a
   * repeated activity, gets the same answer and the receiver gets one request.
   */
  async once(deliveryId: string, number: number, attempt: () => Promise<Delivery>): Promise<Delivery> {
    const key = `${deliveryId}#${number}`;
    const underway = this.#underway.get(key);
    if (underway !== undefined) return underway;
    const unwritten = this.#unwritten.get(key);
    const outcome = unwritten === undefined ? attempt() : this.write(unwritten);
    this.#underway.set(key, outcome);
    try {
      return await outcome;
    } finally {
      this.#underway.delete(key);
    }
  }

  /** Whether somebody in this process makes that attempt, or has made it and not recorded it yet. */
  isKnown(deliveryId: string, number: number): boolean {
    const key = `${deliveryId}#${number}`;
    return this.#underway.has(key) || this.#unwritten.has(key);
  }

  /** Resolves when the record is on disk; rejects with the store's error after some seconds of trying. */
  async write(record: AttemptRecord): Promise<Delivery> {
    const key = `${record.delivery.id}#${record.attempt.number}`;
    for (const waitMs of [...this.waits.triesMs, null]) {
      try {
        await this.deliveries.record(record);
        this.#unwritten.delete(key);
        return record.delivery;
      } catch (error) {
        if (this.#unwritten.size < UNWRITTEN_MAX) this.#unwritten.set(key, record);
        if (waitMs === null) {
          this.#writeLater();
          throw error;
        }
        this.log.warn({ deliveryId: record.delivery.id, number: record.attempt.number }, "attempt.record_delayed");
        await sleep(waitMs);
      }
    }
    return record.delivery;
  }

  /** The workflow may go on in another process, which knows nothing of a result that is only here. */
  #writeLater(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#writeUnwritten(), this.waits.laterMs);
    this.#timer.unref();
  }

  async #writeUnwritten(): Promise<void> {
    for (const [key, record] of this.#unwritten) {
      try {
        await this.deliveries.record(record);
        this.#unwritten.delete(key);
      } catch {
        break;
      }
    }
    this.#timer = undefined;
    if (this.#unwritten.size > 0) this.#writeLater();
  }
}
