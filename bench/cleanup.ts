/** What a run has begun and must end, last first, however it is over. */
import { within } from "./wait.js";

const STEP_MS_MAX = 30_000;

export class Cleanup {
  #isOver = false;
  #steps: { what: string; undo: () => Promise<void> }[] = [];

  constructor(private readonly report: (line: string) => void) {}

  /** Nothing may be begun any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Remembers how to end something; the answer ends it now, once.
   *
   * @throws Error if the run is over already, and ends it at once
   */
  add(what: string, undo: () => Promise<void>): () => Promise<void> {
    const step = { what, undo };
    if (this.#isOver) {
      void this.#end(step);
      throw new Error("the run is over");
    }
    this.#steps.push(step);
    return async () => {
      if (!this.#steps.includes(step)) return;
      this.#steps = this.#steps.filter((it) => it !== step);
      await this.#end(step);
    };
  }

  /** Ends everything that is left. Never rejects: what cannot be ended must not keep the rest. */
  async run(): Promise<void> {
    this.#isOver = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await this.#end(step);
  }

  async #end({ what, undo }: { what: string; undo: () => Promise<void> }): Promise<void> {
    try {
      await within(`stopping ${what}`, STEP_MS_MAX, undo());
    } catch (error) {
      this.report(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
