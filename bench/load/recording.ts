/** Collects what the requests of one job came to. */
import { nowMs } from "../clock.js";
import type { LoadReport } from "./job.js";
import type { Published } from "./publisher.js";

const REASONS_MAX = 20;

export class Recording {
  readonly #startedAtMs: number[] = [];
  readonly #lateMs: number[] = [];
  readonly #acceptedAtMs: number[] = [];
  readonly #plans: number[] = [];
  readonly #ids: string[][] = [];
  readonly #refusals: Record<string, number> = {};

  /** A request begins, and was to begin at `dueMs` if that is not `null`; its index. */
  begin(plan: number, dueMs: number | null): number {
    const beginsMs = nowMs();
    const startedAtMs = Math.min(dueMs ?? beginsMs, beginsMs);
    this.#plans.push(plan);
    this.#lateMs.push(beginsMs - startedAtMs);
    this.#acceptedAtMs.push(Number.NaN);
    this.#ids.push([]);
    return this.#startedAtMs.push(startedAtMs) - 1;
  }

  end(index: number, published: Published): void {
    if (published.accepted) this.#acceptedAtMs[index] = nowMs();
    this.#ids[index] = published.ids;
    for (const [reason, count] of Object.entries(published.refusals)) this.refuse(reason, count);
  }

  refuse(reason: string, count = 1): void {
    const known = reason in this.#refusals || Object.keys(this.#refusals).length < REASONS_MAX;
    const name = known ? reason : "other reasons";
    this.#refusals[name] = (this.#refusals[name] ?? 0) + count;
  }

  report(): LoadReport {
    return {
      startedAtMs: Float64Array.from(this.#startedAtMs),
      lateMs: Float64Array.from(this.#lateMs),
      acceptedAtMs: Float64Array.from(this.#acceptedAtMs),
      plans: Uint16Array.from(this.#plans),
      ids: this.#ids,
      refusals: this.#refusals,
    };
  }
}
