/** What activities work with; `runtime` fills it in. */
import type { Clock, Engine, IdSource, Log, Metrics, OperationalEvents, Sender } from "../core/ports.js";
import type { AttemptStore, DeliveryStore, EndpointDirectory, EndpointStore, EventStore } from "../core/store-ports.js";
import type { EndpointSlots } from "./endpoint-slots.js";
import type { EndpointWatch } from "./endpoint-watch.js";
import type { Lots } from "./lots.js";
import type { Orphans } from "./orphans.js";
import type { RecentAttempts } from "./recent-attempts.js";
import type { RecordedAttempts } from "./recorded-attempts.js";
import type { SweepWakes } from "./sweep-wakes.js";
import type { Turns } from "./turns.js";

export interface ActivityPorts {
  endpoints: EndpointStore;
  events: EventStore;
  deliveries: DeliveryStore;
  attempts: AttemptStore;
  directory: EndpointDirectory;
  sender: Sender;
  engine: Engine;
  ids: IdSource;
  clock: Clock;
  /** Uniform in [0, 1), for jitter. */
  random: () => number;
  log: Log;
  metrics: Metrics;
  operational: OperationalEvents;
  slots: EndpointSlots;
  turns: Turns;
  recent: RecentAttempts;
  watch: EndpointWatch;
  /** When the sweep is to run before its next turn. */
  wakes: Pick<SweepWakes, "at">;
  /** Requests of half-open breakers that no lane makes. */
  probes: { begin(endpointId: string): void };
  lots: Lots;
  orphans: Orphans;
  recorder: RecordedAttempts;
  /** Deliveries in one lane and events in one batch, at most `BATCH_MAX`. */
  batchMax: number;
}
