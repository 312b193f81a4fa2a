/** Seals the secret values of endpoints for their place in the database and opens them there. */
import type { Log } from "../../core/ports.js";
import { EndpointSealer } from "./endpoint-sealer.js";
import type { Owner } from "./endpoint-sealer.js";
import type { KeyRing } from "./key-ring.js";
import { RecentMap } from "./recent-map.js";

export interface SealerOptions {
  /** `null`: for commands that have nothing to do with secrets; sealing is then a bug, and nothing opens. */
  ring: KeyRing | null;
  log?: Log | undefined;
  /** Endpoints whose opened values are kept in memory, at most. @default 20000, some 30 MB */
  endpointsMax?: number;
}

const ENDPOINTS_MAX = 20_000;

export class Sealer {
  /** By endpoint. A snapshot of 1000 endpoints is read every second and rarely differs from the last. */
  readonly #endpoints: RecentMap<EndpointSealer>;

  constructor(private readonly options: SealerOptions) {
    this.#endpoints = new RecentMap(Math.ceil((options.endpointsMax ?? ENDPOINTS_MAX) / 2));
  }

  /** `null` without keys. */
  get activeKid(): string | null {
    return this.options.ring?.activeKid ?? null;
  }

  /** For the values of one endpoint. */
  of(owner: Owner): EndpointSealer {
    const known = this.#endpoints.get(owner.endpointId);
    if (known?.owner.applicationId === owner.applicationId) return known;
    const made = new EndpointSealer(owner, this.options);
    this.#endpoints.set(owner.endpointId, made);
    return made;
  }
}
