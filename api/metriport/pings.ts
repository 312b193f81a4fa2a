/** The pings on their way in this process: one at a time for each endpoint, and not too many in all. */
import type { Endpoint, ReceiverState } from "../../core/model.js";
import type { ApiServices } from "../deps.js";
import { pingEndpoint } from "./ping.js";

const PINGS_MAX = 64;

interface Lane {
  /** The ping on its way. */
  running: Promise<ReceiverState>;
  /** The next one. Whoever asks meanwhile changes what it pings and shares its result. */
  waiting: { endpoint: Endpoint; turn: Promise<ReceiverState> } | null;
}

export class Pings {
  readonly #lanes = new Map<string, Lane>();

  constructor(private readonly services: ApiServices) {}

  /**
   * Pings the endpoint now, or, while a ping to it is on its way, right after that; the newest asked for wins. Settles
   * after two pings at most.
   *
   * @returns `null` if 64 endpoints are being pinged: nothing is sent
   */
  ask(endpoint: Endpoint): Promise<ReceiverState> | null {
    const lane = this.#lanes.get(endpoint.id);
    if (lane === undefined) return this.#lanes.size < PINGS_MAX ? this.#begin(endpoint) : null;
    if (lane.waiting === null) lane.waiting = this.#after(lane.running, endpoint);
    else lane.waiting.endpoint = endpoint;
    return lane.waiting.turn;
  }

  /** The same for callers who do not wait for it; the receiver's state says what came of it. */
  later(endpoint: Endpoint): void {
    const { log } = this.services;
    const fields = { endpointId: endpoint.id, applicationId: endpoint.applicationId };
    const asked = this.ask(endpoint);
    if (asked === null) log.warn(fields, "metriport.ping_dropped");
    asked?.catch((error: unknown) => {
      log.error(fields, "metriport.ping_failed", error);
    });
  }

  #begin(endpoint: Endpoint): Promise<ReceiverState> {
    const lane: Lane = { running: pingEndpoint(this.services, endpoint), waiting: null };
    this.#lanes.set(endpoint.id, lane);
    const end = () => {
      if (lane.waiting === null) this.#lanes.delete(endpoint.id);
    };
    lane.running.then(end, end);
    return lane.running;
  }

  #after(running: Promise<ReceiverState>, endpoint: Endpoint): NonNullable<Lane["waiting"]> {
    const next = (): Promise<ReceiverState> => this.#begin(waiting.endpoint);
    const waiting: NonNullable<Lane["waiting"]> = { endpoint, turn: running.then(next, next) };
    return waiting;
  }
}
