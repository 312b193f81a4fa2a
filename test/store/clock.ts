import { randomBytes } from "node:crypto";
import type { IdSource } from "../../core/ports.js";
import { createIdSource } from "../../runtime/ids.js";

/** A clock that stands still until it is told otherwise. */
export class TestClock {
  constructor(public ms = Date.UTC(2026, 0, 15, 12)) {}

  now(): number {
    return this.ms;
  }

  at(offsetMs = 0): Date {
    return new Date(this.ms + offsetMs);
  }
}

export function testIds(clock: TestClock): IdSource {
  return createIdSource({ now: () => clock.now(), randomBytes });
}
