/** What came to the receiver: which ids, when, how often; and how each path is to answer. */
import { z } from "zod";

/** How a path answers. Both at once: after the wait, with the status. */
export const behaviour = z.strictObject({
  /** `true`: never. */
  hang: z.boolean().optional(),
  delayMs: z.number().min(0).max(120_000).optional(),
  /** @default 204 */
  status: z.number().int().min(200).max(599).optional(),
});
export type Behaviour = z.infer<typeof behaviour>;

export interface Counts {
  /** Requests that were answered with success. */
  delivered: number;
  /** Different ids among them, path by path. */
  distinct: number;
  /** Requests that were answered otherwise, or never. */
  failed: number;
}

interface PathLog {
  /** When an id was answered with success for the first time, by when that request had come. */
  firstAtMs: Map<string, number>;
  delivered: number;
  failed: number;
}

/** Ids and times in the order of arrival. */
export interface Arrivals {
  path: string;
  ids: string[];
  atMs: number[];
}

export class Recorder {
  readonly #logs = new Map<string, PathLog>();
  readonly #behaviours = new Map<string, Behaviour>();
  /** How to end requests that are never answered. */
  readonly #hung = new Map<string, (() => void)[]>();

  behaviourOf(path: string): Behaviour {
    return this.#behaviours.get(path) ?? {};
  }

  behave(path: string, how: Behaviour): void {
    this.#behaviours.set(path, how);
  }

  delivered(path: string, id: string, atMs: number): void {
    const log = this.#log(path);
    log.delivered += 1;
    if (!log.firstAtMs.has(id)) log.firstAtMs.set(id, atMs);
  }

  failed(path: string): void {
    this.#log(path).failed += 1;
  }

  /** A request waits there for ever; `end` closes its connection. */
  hung(path: string, end: () => void): void {
    const ends = this.#hung.get(path);
    if (ends === undefined) this.#hung.set(path, [end]);
    else ends.push(end);
  }

  counts(prefix: string): Counts {
    const counts: Counts = { delivered: 0, distinct: 0, failed: 0 };
    for (const [path, log] of this.#logs) {
      if (!path.startsWith(prefix)) continue;
      counts.delivered += log.delivered;
      counts.distinct += log.firstAtMs.size;
      counts.failed += log.failed;
    }
    return counts;
  }

  arrivals(prefix: string): Arrivals[] {
    return [...this.#logs]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, { firstAtMs }]) => ({ path, ids: [...firstAtMs.keys()], atMs: [...firstAtMs.values()] }));
  }

  /** Ends requests that wait, too. */
  forget(prefix: string): void {
    for (const [path, ends] of this.#hung) if (path.startsWith(prefix)) for (const end of ends) end();
    for (const map of [this.#logs, this.#behaviours, this.#hung]) {
      for (const path of [...map.keys()]) if (path.startsWith(prefix)) map.delete(path);
    }
  }

  #log(path: string): PathLog {
    const known = this.#logs.get(path);
    if (known !== undefined) return known;
    const log: PathLog = { firstAtMs: new Map(), delivered: 0, failed: 0 };
    this.#logs.set(path, log);
    return log;
  }
}
