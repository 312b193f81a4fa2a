/** Operational events become events of the application `operator`: stored, signed, retried and listed like any other. */
import { isPosthornError, PosthornError } from "../../core/errors.js";
import type { Endpoint } from "../../core/model.js";
import { OPERATOR_UID, operationalKeyOf } from "../../core/operational-events.js";
import type { OperationalEvent } from "../../core/operational-events.js";
import type { OperationalEvents } from "../../core/ports.js";
import { createApplicationFinder } from "../application-finder.js";
import type { ApiServices, ApiStores } from "../deps.js";
import { acceptEvent } from "../publishing/accept.js";
import { completeEvent, JSON_TYPE } from "../publishing/new-event.js";
import { NO_HEAD_START } from "../publishing/no-head-start.js";
import { operationalPayload } from "./payload.js";

/** Written at once in one process; each ends within the bounds of the store. */
const IN_FLIGHT_MAX = 1_000;

type Services = Pick<ApiServices, "clock" | "directory" | "dispatcher" | "ids" | "log" | "metrics"> & {
  stores: Pick<ApiStores, "applications" | "endpoints" | "events">;
};

export interface OperationalTeller extends OperationalEvents {
  /** How many are being written now. */
  readonly inFlight: number;
  /** How many were refused because too many were being written. */
  readonly refused: number;
}

/**
 * Publishes with the key of the event as `eventId`, so that one that is told twice is stored once.
 *
 * At most 1,000 are written at once. One more is refused with `store_unavailable`, as if the store were away, which it
 * nearly is then: whoever tells does not wait behind a notification, "told" still means "on disk", and whoever must not
 * lose one tells it again.
 */
export function createOperationalEvents(services: Services): OperationalTeller {
  const applications = createApplicationFinder(services.stores.applications, services.clock);
  let operatorId: string | null = null;
  let inFlight = 0;
  let refused = 0;

  /** Kept for good: the application cannot be deleted. */
  async function findOperator(): Promise<string | null> {
    operatorId ??= (await applications.find(OPERATOR_UID))?.id ?? null;
    return operatorId;
  }

  async function publish(event: OperationalEvent): Promise<void> {
    const operator = await findOperator();
    if (operator === null) {
      const { type, endpointId } = event;
      const fields = { event: "operational.no_operator", eventType: type, endpointId };
      services.log.warn(fields, "there is no application operator; it is made when a process starts");
      return;
    }
    // Its own troubles would tell of themselves for ever.
    if (event.applicationId === operator) return;
    const [application, endpoint] = await Promise.all([
      applications.find(event.applicationId),
      findEndpoint(services, event),
    ]);
    const payload = operationalPayload(event, {
      applicationUid: application?.uid ?? null,
      endpointUid: endpoint?.uid ?? null,
      url: endpoint?.url ?? null,
    });
    // First attempts at once are for the events of customers.
    const intake = { ...services, headStarts: NO_HEAD_START };
    const stored = completeEvent(intake, {
      applicationId: operator,
      eventId: operationalKeyOf(event),
      eventType: event.type,
      channels: [],
      metadata: {},
      contentType: JSON_TYPE,
      payload: Buffer.from(JSON.stringify(payload)),
      endpointIds: null,
      pairRole: null,
      test: false,
      deliverAt: null,
    });
    await acceptOnce(intake, stored);
  }

  return {
    async tell(event) {
      if (inFlight >= IN_FLIGHT_MAX) {
        refused += 1;
        throw new PosthornError("store_unavailable", `${IN_FLIGHT_MAX} operational events are being written.`);
      }
      inFlight += 1;
      try {
        await publish(event);
      } finally {
        inFlight -= 1;
      }
    },
    get inFlight() {
      return inFlight;
    },
    get refused() {
      return refused;
    },
  };
}

/** Told before with other words, such as the URL that it had then: told. */
async function acceptOnce(...accepting: Parameters<typeof acceptEvent>): Promise<void> {
  try {
    await acceptEvent(...accepting);
  } catch (error) {
    if (!isPosthornError(error) || error.code !== "event_conflict") throw error;
  }
}

/** The directory may be a second behind another process that has just created it. */
async function findEndpoint(
  { directory, stores }: Services,
  { applicationId, endpointId }: OperationalEvent,
): Promise<Pick<Endpoint, "uid" | "url"> | null> {
  const known = (await directory.of(applicationId)).find((it) => it.id === endpointId);
  return known ?? stores.endpoints.find(applicationId, endpointId);
}
