/** Finds applications by id or uid; every publish by an admin key needs one, so hits are kept for a moment. */
import { aside } from "../core/aside.js";
import type { Application } from "../core/model.js";
import type { Clock } from "../core/ports.js";
import type { ApplicationStore } from "../core/store-ports.js";
import { ExpiringCache } from "./expiring-cache.js";

/** The application that exists from the start, and that admin keys mean when they name none. */
export const DEFAULT_APPLICATION = "default";

export interface ApplicationFinder {
  /** At most 5 s old; `null` if there is none. */
  find(reference: string): Promise<Application | null>;
  /** After a change made by this process. */
  forget(): void;
}

export function createApplicationFinder(store: ApplicationStore, clock: Clock): ApplicationFinder {
  const cache = new ExpiringCache<Application>(() => clock.now(), { ttlMs: 5_000, entriesMax: 10_000 });
  let generation = 0;

  async function ask(reference: string): Promise<Application | null> {
    const [askedMs, before] = [clock.now(), generation];
    const found = await store.find(reference);
    // What was read before a change is not to be remembered after it.
    if (before !== generation) return found;
    if (found === null) cache.delete(reference);
    else cache.set(reference, found, askedMs);
    return found;
  }

  return {
    async find(reference) {
      const known = cache.get(reference);
      if (known === undefined) return ask(reference);
      // If the store is away, that is for whoever needs it then.
      if (cache.claimRenewal(reference)) aside(() => void ask(reference).catch(() => undefined));
      return known;
    },
    forget() {
      generation += 1;
      cache.clear();
    },
  };
}
