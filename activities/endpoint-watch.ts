/**
 * Keeps the health of endpoints: takes in every attempt of this process, writes what changes, and says whether a request
 * may be made now. Nothing is read or written for endpoints whose requests succeed. What is not written yet is lost with
 * the process, which costs nobody more than a few requests.
 */
import { breakerState, HEALTHY, isFailing, observe, probing } from "../core/endpoint-health.js";
import type { EndpointHealth, HealthNotice, Observation } from "../core/endpoint-health.js";
import { tellUntold } from "../core/untold.js";
import type { Endpoint } from "../core/model.js";
import type { Clock, Log, OperationalEvents } from "../core/ports.js";
import type { EndpointDirectory, EndpointStore } from "../core/store-ports.js";

/** One write for each endpoint in this time, however many attempts there are. */
const WRITE_MS = 1_000;
/** Somebody else writes at the same time: read and tried again. */
const TRIES = 5;
const ENDPOINTS_MAX = 10_000;
const UNWRITTEN_MAX = 5_000;
/** Added to the timeout of a probe: to be recorded and written. */
const PROBE_REST_MS = 5_000;
const TELL_MS = 5_000;

export interface WatchPorts {
  endpoints: EndpointStore;
  directory: EndpointDirectory;
  operational: OperationalEvents;
  clock: Clock;
  log: Log;
  /** Told when a breaker that has opened will let somebody through. @default nobody is told */
  opened?: (endpointId: string, until: Date) => void;
  /** Told when one has closed. @default nobody is told */
  closed?: () => void;
}

/** `probedMs`: a probe has been on its way for so long; `null`: there is none. */
export type Gate =
  { kind: "closed" } | { kind: "open"; untilMs: number; probedMs: number | null } | { kind: "half-open" };

type Seen = Observation & { url: string };

interface Watched {
  /** With what is not written yet. */
  health: EndpointHealth;
  unwritten: Seen[];
  writing: Promise<void> | null;
  writtenAtMs: number;
}

export class EndpointWatch {
  /** Endpoints that are not well, and those that were lately; the one noted longest ago goes first. */
  readonly #watched = new Map<string, Watched>();

  constructor(private readonly ports: WatchPorts) {}

  /** Takes in one attempt of an endpoint as it was called. Returns at once. */
  note(endpoint: Endpoint, seen: Observation): void {
    const isClean = endpoint.health.consecutiveFailures === 0 && endpoint.health.breaker === null;
    if (seen.outcome === "ok" && isClean && !this.#watched.has(endpoint.id)) return;
    const watched = this.#watch(endpoint);
    const after = withUnwritten(watched.health, [seen], endpoint);
    if (after === watched.health) return;
    watched.health = after;
    if (watched.unwritten.length < UNWRITTEN_MAX) watched.unwritten.push({ ...seen, url: endpoint.url });
    this.#plan(endpoint, watched);
  }

  /** Whether a request may be made, by what this process knows and what the endpoint says. */
  gate(endpoint: Endpoint): Gate {
    const { breaker } = this.#latest(endpoint);
    if (breaker === null) return { kind: "closed" };
    const untilMs = breaker.until.getTime();
    const leftMs = untilMs - this.ports.clock.now();
    if (leftMs <= 0) return { kind: "half-open" };
    const probedMs = breaker.isProbing ? Math.max(0, endpoint.timeoutMs + PROBE_REST_MS - leftMs) : null;
    return { kind: "open", untilMs, probedMs };
  }

  /** Takes the one request of a half-open breaker. `false`: somebody else has it, or it is not half-open any more. */
  async claimProbe(endpoint: Endpoint): Promise<boolean> {
    await this.settle(endpoint.id);
    const watched = this.#watched.get(endpoint.id);
    const known = watched?.health;
    const now = await this.ports.endpoints.findById(endpoint.id);
    const nowMs = this.ports.clock.now();
    if (now === null) return false;
    if (breakerState(now.health, nowMs) !== "half-open") {
      // What is on record holds, or nobody would ever send again: it may be of a lower revision than what is known here.
      if (watched !== undefined && watched.health === known && watched.writing === null) watched.health = now.health;
      return false;
    }
    const health = probing(now.health, nowMs + endpoint.timeoutMs + PROBE_REST_MS);
    if (!(await this.ports.endpoints.putHealth(now, health, null))) return false;
    this.#watch(now).health = health;
    return true;
  }

  /** Resolves when what was noted of an endpoint is written, or could not be. */
  async settle(endpointId: string): Promise<void> {
    const watched = this.#watched.get(endpointId);
    // What was noted while a write was on its way goes with the next.
    await watched?.writing;
    await watched?.writing;
  }

  /** Writes what is left; at the end of the process. */
  async close(): Promise<void> {
    await Promise.all([...this.#watched.keys()].map((it) => this.settle(it)));
  }

  /** Tells operators of changes that are on record and were not told, by a process that is gone; some, if that is slow. */
  async tellUntold(endpoints: readonly Endpoint[]): Promise<void> {
    const endMs = this.ports.clock.now() + TELL_MS;
    for (const endpoint of endpoints) {
      if (this.ports.clock.now() < endMs) await tellUntold(this.ports, endpoint);
    }
  }

  #latest(endpoint: Endpoint): EndpointHealth {
    const watched = this.#watched.get(endpoint.id);
    return watched !== undefined && watched.health.revision >= endpoint.health.revision
      ? watched.health
      : endpoint.health;
  }

  #watch(endpoint: Endpoint): Watched {
    const known = this.#watched.get(endpoint.id);
    const watched = known ?? { health: HEALTHY, unwritten: [], writing: null, writtenAtMs: 0 };
    if (known === undefined || endpoint.health.revision > known.health.revision) watched.health = endpoint.health;
    this.#watched.delete(endpoint.id);
    this.#makeRoom();
    this.#watched.set(endpoint.id, watched);
    return watched;
  }

  #makeRoom(): void {
    if (this.#watched.size < ENDPOINTS_MAX) return;
    for (const [id, { writing }] of this.#watched) {
      if (writing !== null) continue;
      this.#watched.delete(id);
      return;
    }
  }

  #plan(endpoint: Endpoint, watched: Watched): void {
    if (watched.writing !== null) return;
    // Not longer if the clock was put back meanwhile.
    const waitMs = Math.min(WRITE_MS, Math.max(0, watched.writtenAtMs + WRITE_MS - this.ports.clock.now()));
    watched.writing = this.#writeAfter(waitMs, endpoint, watched).finally(() => {
      watched.writing = null;
      if (watched.unwritten.length > 0) this.#plan(endpoint, watched);
    });
  }

  async #writeAfter(waitMs: number, endpoint: Endpoint, watched: Watched): Promise<void> {
    if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
    watched.writtenAtMs = this.ports.clock.now();
    const seen = watched.unwritten.splice(0);
    try {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const written = await this.#write(endpoint, seen);
        if (written === null) continue;
        // With what came meanwhile: a breaker that has opened by it does not close for the time of a write.
        watched.health = withUnwritten(written, watched.unwritten, endpoint);
        return;
      }
      this.ports.log.warn({ endpointId: endpoint.id }, "endpoint.health_not_written");
    } catch (error) {
      // The next attempts say the same.
      this.ports.log.error({ endpointId: endpoint.id }, "endpoint.health_not_written", error);
    }
    // Forgotten here, too: a success that only this process knew of would never be written, nor a breaker be closed.
    watched.health = withUnwritten(endpoint.health, watched.unwritten, endpoint);
  }

  /** The health as it is on record now; `null`: somebody else has written meanwhile. */
  async #write(endpoint: Endpoint, seen: readonly Seen[]): Promise<EndpointHealth | null> {
    const now = await this.ports.endpoints.findById(endpoint.id);
    if (now === null) return HEALTHY;
    // Somebody has corrected the URL meanwhile: the answers were not about that one.
    const about = seen.filter((it) => it.url === now.url);
    const after = observe(now.health, about, now);
    if (after === null) return now.health;
    const disable = now.status === "disabled" ? null : after.disable;
    // Not what an earlier write, or a caller, has left to be told.
    const isMoot = (it: HealthNotice): boolean =>
      it.type === "endpoint.disabled" && it.revision === after.health.revision;
    const untold = disable === null ? after.health.untold.filter((it) => !isMoot(it)) : after.health.untold;
    const health = { ...after.health, untold };
    if (!(await this.ports.endpoints.putHealth(now, health, disable))) return null;
    this.#log(now, health, disable);
    return tellUntold(this.ports, { ...now, health });
  }

  #log({ id, applicationId, health: before }: Endpoint, after: EndpointHealth, reason: string | null): void {
    const { log } = this.ports;
    const fields = { endpointId: id, applicationId, consecutiveFailures: after.consecutiveFailures };
    if (!isFailing(before) && isFailing(after)) log.warn(fields, "endpoint.failing");
    if (isFailing(before) && !isFailing(after)) log.info(fields, "endpoint.recovered");
    const until = after.breaker?.until.toISOString();
    if (after.breaker !== null && after.breaker.openings !== before.breaker?.openings) {
      log.warn({ ...fields, until }, "endpoint.breaker_opened");
      this.ports.opened?.(id, after.breaker.until);
    }
    if (before.breaker !== null && after.breaker === null) {
      log.info(fields, "endpoint.breaker_closed");
      this.ports.closed?.();
    }
    if (reason !== null) {
      this.ports.directory.invalidate(applicationId);
      log.warn({ ...fields, reason }, "endpoint.disabled");
    }
  }
}

function withUnwritten(
  written: EndpointHealth,
  unwritten: readonly Observation[],
  endpoint: Pick<Endpoint, "profile">,
): EndpointHealth {
  const after = observe(written, unwritten, endpoint);
  return after === null ? written : { ...after.health, revision: written.revision };
}
