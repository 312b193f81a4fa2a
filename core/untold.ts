/** Changes of endpoints that are on record and that operators are to be told of. */
import type { EndpointHealth, HealthNotice } from "./endpoint-health.js";
import type { Endpoint } from "./model.js";
import type { OperationalEvent } from "./operational-events.js";
import type { Log, OperationalEvents } from "./ports.js";
import type { EndpointStore } from "./store-ports.js";

export interface TellingPorts {
  endpoints: Pick<EndpointStore, "putHealth">;
  operational: OperationalEvents;
  log: Log;
}

/**
 * Told first, then taken off the record: telling twice tells once. Answers the health as it is on record then. Never
 * rejects: the change is made, and what could not be told is on record for the sweep.
 */
export async function tellUntold(ports: TellingPorts, endpoint: Endpoint): Promise<EndpointHealth> {
  const { health } = endpoint;
  if (health.untold.length === 0) return health;
  try {
    for (const it of health.untold) await ports.operational.tell(operationalEventOf(endpoint, it));
    const told: EndpointHealth = { ...health, revision: health.revision + 1, untold: [] };
    return (await ports.endpoints.putHealth(endpoint, told, null)) ? told : health;
  } catch (error) {
    const { id: endpointId, applicationId } = endpoint;
    const fields = { event: "operational.not_told", endpointId, applicationId };
    ports.log.error(fields, "operators were not told of a change", error);
    return health;
  }
}

function operationalEventOf({ id, applicationId }: Endpoint, it: HealthNotice): OperationalEvent {
  const about = { applicationId, endpointId: id, revision: it.revision, at: it.at };
  switch (it.type) {
    case "endpoint.failing": {
      const { type, consecutiveFailures, failingSince, lastOutcome } = it;
      return { ...about, type, consecutiveFailures, failingSince, lastOutcome };
    }
    case "endpoint.recovered":
      return { ...about, type: it.type, failedSince: it.failingSince };
    case "endpoint.disabled":
      return { ...about, type: it.type, reason: it.reason };
    case "endpoint.enabled":
      return { ...about, type: it.type };
  }
}
