/** Messages with Metriport's envelope: built once, stored as they will be sent. */
import { randomUUID } from "node:crypto";
import { isPosthornError, PosthornError } from "../../core/errors.js";
import type { WebhookEvent } from "../../core/model.js";
import { metriportMessageType } from "../catalogue/metriport/message-types.js";
import type { ApiServices } from "../deps.js";
import { invalidField } from "../input-issues.js";
import { acceptEvent } from "../publishing/accept.js";
import { completeEvent, JSON_TYPE } from "../publishing/new-event.js";
import type { MessagePublish, MessagePublishAnswer } from "../schemas/metriport.js";
import type { PublishAnswer } from "../schemas/publish.js";
import { jsonBytes, messageBytes } from "./message.js";
import { PING_TYPE } from "./ping.js";

type Message = Omit<MessagePublish, "application">;

/**
 * Stores the message and sets it going.
 *
 * @throws `invalid_input` for a type that nobody has registered, `event_conflict` if the `messageId` was used with other
 *   content, `store_unavailable`
 */
export async function publishMessage(
  services: ApiServices,
  applicationId: string,
  message: Message,
): Promise<MessagePublishAnswer> {
  await checkType(services, applicationId, message.type);
  const messageId = message.messageId ?? randomUUID();
  const { id, eventType, duplicate, createdAt } = await accept(
    services,
    newMessage(services, applicationId, message, messageId),
  );
  return { id, messageId, eventType, duplicate, createdAt };
}

function newMessage(services: ApiServices, applicationId: string, message: Message, messageId: string): WebhookEvent {
  const { type, payload, data, requestId } = message;
  // What a repeat must have in common with the first: everything but the id and the time. The hash is made of this.
  const content = jsonBytes({ requestId, data, payload });
  const event = completeEvent(services, {
    applicationId,
    eventId: message.messageId ?? null,
    eventType: type,
    channels: [],
    metadata: {},
    contentType: JSON_TYPE,
    payload: content,
    endpointIds: null,
    pairRole: null,
    test: false,
    deliverAt: null,
  });
  return { ...event, payload: messageBytes({ messageId, requestId, when: event.createdAt, type, data }, payload) };
}

async function accept(services: ApiServices, event: WebhookEvent): Promise<PublishAnswer> {
  try {
    return await acceptEvent(services, event);
  } catch (error) {
    if (!isPosthornError(error) || error.code !== "event_conflict") throw error;
    throw new PosthornError("event_conflict", `The messageId "${event.eventId ?? ""}" was used with other content.`, [
      { path: "messageId", message: "was used before with another type, data, requestId or payload" },
    ]);
  }
}

async function checkType(services: ApiServices, applicationId: string, type: string): Promise<void> {
  if (metriportMessageType(type) !== null) return;
  if (type === PING_TYPE) {
    throw invalidField(["type"], "pings are sent by POST /settings and POST /v1/endpoints/{id}/ping, not published");
  }
  const registered = await services.stores.eventTypes.find(applicationId, type);
  if (registered !== null && !registered.archived) return;
  throw invalidField(["type"], `"${type}" is not known here; POST /v1/event-types registers it`);
}
