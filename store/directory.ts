/** The endpoints of an application, read once or twice a second: every publish asks for them. */
import { aside } from "../core/aside.js";
import { putNewest } from "../core/put-newest.js";
import type { Endpoint } from "../core/model.js";
import type { Clock } from "../core/ports.js";
import type { EndpointDirectory, EndpointStore } from "../core/store-ports.js";

/** A change that another process made is seen after this long. */
const SNAPSHOT_AGE_MS_MAX = 1_000;
/** One that is used after this is read anew meanwhile, so that nobody waits for it where there is always something to do. */
const SNAPSHOT_RENEWED_MS = 500;
const APPLICATIONS_MAX = 1_000;

export interface EndpointDirectoryOptions {
  endpoints: Pick<EndpointStore, "all">;
  clock: Clock;
  /** Snapshots kept; the one used longest ago goes first. */
  applicationsMax?: number;
}

interface Snapshot {
  /** When it was asked for: what is in it may be as old as that. */
  askedAt: number;
  endpoints: Promise<readonly Endpoint[]>;
  isRenewed: boolean;
}

export function createEndpointDirectory(options: EndpointDirectoryOptions): EndpointDirectory {
  const { endpoints, clock, applicationsMax = APPLICATIONS_MAX } = options;
  /** In the order of their last use. */
  const snapshots = new Map<string, Snapshot>();

  const load = (applicationId: string): Snapshot => {
    const snapshot = { askedAt: clock.now(), endpoints: endpoints.all(applicationId), isRenewed: false };
    snapshot.endpoints.catch(() => {
      // Whoever waits for it is told; the next caller tries again.
      if (snapshots.get(applicationId) === snapshot) snapshots.delete(applicationId);
    });
    return snapshot;
  };

  const renew = (applicationId: string, known: Snapshot): void => {
    if (snapshots.get(applicationId) !== known) return;
    const next = load(applicationId);
    next.endpoints.then(
      () => {
        if (snapshots.get(applicationId) === known) snapshots.set(applicationId, next);
      },
      // The one that is known holds as long as it would have.
      () => undefined,
    );
  };

  return {
    of(applicationId) {
      const known = snapshots.get(applicationId);
      const age = known === undefined ? Infinity : clock.now() - known.askedAt;
      // A clock that went back makes an age negative, and a snapshot immortal.
      const snapshot = known !== undefined && age >= 0 && age < SNAPSHOT_AGE_MS_MAX ? known : load(applicationId);
      putNewest(snapshots, [applicationId, snapshot], applicationsMax);
      if (age >= SNAPSHOT_RENEWED_MS && snapshot === known && !snapshot.isRenewed) {
        snapshot.isRenewed = true;
        aside(() => renew(applicationId, snapshot));
      }
      return snapshot.endpoints;
    },
    // A read that is under way is dropped, too: it may have begun before the change.
    invalidate: (applicationId) => void snapshots.delete(applicationId),
  };
}
