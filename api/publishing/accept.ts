/** Intake: first on disk, then on its way. */
import { PosthornError } from "../../core/errors.js";
import type { WebhookEvent } from "../../core/model.js";
import { isoTime } from "../answers/time.js";
import type { ApiServices, ApiStores } from "../deps.js";
import type { PublishAnswer } from "../schemas/publish.js";

type Intake = Pick<ApiServices, "dispatcher" | "headStarts" | "metrics"> & { stores: Pick<ApiStores, "events"> };

/**
 * Stores the event and sets it going. Resolves only after the write was acknowledged: a 2xx means "on disk".
 *
 * @throws `event_conflict` if its `eventId` was used with other content, `store_unavailable`
 */
export async function acceptEvent(services: Intake, event: WebhookEvent): Promise<PublishAnswer> {
  const insertion = await services.stores.events.insert(event);
  switch (insertion.kind) {
    case "inserted":
      services.metrics?.eventsAccepted(1);
      if (event.deliverAt === null && services.headStarts.begin(event)) await requestsWritten();
      else services.dispatcher.dispatch(event);
      return answer(event, false);
    case "duplicate":
      return answer(insertion.first, true);
    case "conflict":
      throw new PosthornError(
        "event_conflict",
        `The eventId "${event.eventId ?? ""}" was used for ${insertion.first.id} with other content.`,
        [{ path: "eventId", message: "was used before with another type or other bytes" }],
      );
  }
}

/**
 * The receivers' requests first, then the publisher's answer: both are work of the same thread, and the webhook is what is
 * waited for. undici looks once more at a connection that was idle before it writes to it, in the phase of the event loop
 * that this one waits for, too; what was due before is then written.
 */
function requestsWritten(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(() => setImmediate(resolve));
  });
}

function answer(event: WebhookEvent, duplicate: boolean): PublishAnswer {
  const { id, eventId, eventType, createdAt } = event;
  return { id, eventId, eventType, duplicate, createdAt: isoTime(createdAt) };
}
