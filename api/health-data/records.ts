/** Intake of whole records: one event each. */
import { isPosthornError } from "../../core/errors.js";
import type { ApiServices } from "../deps.js";
import { acceptEvent } from "../publishing/accept.js";
import { newEvent } from "../publishing/new-event.js";
import type { PublishAnswer } from "../schemas/publish.js";
import { userChannel } from "../user-channel.js";
import { eventKey } from "./event-key.js";
import { keyConflict } from "./key-conflict.js";

/** An event about one user. */
export interface HealthRecord {
  eventType: string;
  /** What makes it this one among all of its type. */
  keyParts: readonly string[];
  userId: string;
  /** As it is sent, in this order. */
  data: object;
}

/**
 * Stores the event of a record. Resolves only after it is on disk.
 *
 * @throws `event_conflict` if the record was sent before with other content, `store_unavailable`
 */
export async function acceptRecord(
  services: ApiServices,
  applicationId: string,
  { eventType, keyParts, userId, data }: HealthRecord,
  revision: string | undefined,
): Promise<PublishAnswer> {
  const eventId = eventKey([eventType, ...keyParts], revision);
  const item = { eventType, eventId, payload: { type: eventType, data }, channels: [userChannel(userId)] };
  const event = await newEvent(services, applicationId, item);
  return acceptEvent(services, event).catch(async (error: unknown) => {
    if (!isPosthornError(error) || error.code !== "event_conflict") throw error;
    const first = await services.stores.events.find(applicationId, eventId);
    throw first === null ? error : keyConflict(eventId, first.id);
  });
}
