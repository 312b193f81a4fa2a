/** Intake of several events of one request: all of them or, if one contradicts an earlier request, none. */
import { isPosthornError, PosthornError } from "../../core/errors.js";
import type { PairRole, WebhookEvent } from "../../core/model.js";
import { inParallel } from "../commands/in-parallel.js";
import type { ApiServices } from "../deps.js";
import { acceptEvent } from "../publishing/accept.js";
import { contentHash } from "../publishing/content-hash.js";
import { completeEvent, JSON_TYPE } from "../publishing/new-event.js";
import { stopIfGone } from "./in-slices.js";
import { keyConflict } from "./key-conflict.js";

/** Calls to the store at once: with events of 1 MiB one write of the group commit, far below its queue. */
const WIDTH = 8;

/** An event whose body is made when it is needed; all bodies at once would be twice the request. */
export interface PlannedEvent {
  eventId: string;
  /** A key under which nothing may be stored if this event is to be. */
  otherEventId: string | null;
  eventType: string;
  channel: string;
  pairRole: PairRole | null;
  payload: () => Buffer;
}

export interface AcceptedEvent {
  id: string;
  eventId: string;
  eventType: string;
  duplicate: boolean;
}

/**
 * Stores the events that are not stored yet, and answers for all in their order.
 *
 * @throws `event_conflict` if a key was used with other content: then nothing is stored. `store_unavailable` if some
 * could not be stored: a repetition stores the missing ones.
 */
export async function acceptAll(
  services: ApiServices,
  applicationId: string,
  events: readonly PlannedEvent[],
  signal: AbortSignal | undefined,
): Promise<AcceptedEvent[]> {
  const accepted = new Map<string, AcceptedEvent>();
  await untilFailure(events, async (event) => {
    stopIfGone(signal);
    const { events: store } = services.stores;
    const first = await store.find(applicationId, event.eventId);
    if (event.otherEventId !== null) {
      const other = await store.find(applicationId, event.otherEventId);
      if (other !== null) throw keyConflict(event.otherEventId, other.id);
    }
    if (first !== null) accepted.set(event.eventId, repeated(event, first));
  });
  const missing = events.filter((it) => !accepted.has(it.eventId));
  await untilFailure(missing, async (event) => {
    stopIfGone(signal);
    const { eventId, eventType, channel, pairRole } = event;
    const { id, duplicate } = await acceptEvent(
      services,
      completeEvent(services, {
        applicationId,
        eventId,
        eventType,
        channels: [channel],
        metadata: {},
        contentType: JSON_TYPE,
        payload: event.payload(),
        endpointIds: null,
        pairRole,
        test: false,
        deliverAt: null,
      }),
    );
    accepted.set(eventId, { id, eventId, eventType, duplicate });
  });
  return events.flatMap(({ eventId }) => accepted.get(eventId) ?? []);
}

function repeated({ eventId, eventType, payload }: PlannedEvent, first: WebhookEvent): AcceptedEvent {
  if (first.contentHash !== contentHash(eventType, JSON_TYPE, payload())) throw keyConflict(eventId, first.id);
  return { id: first.id, eventId, eventType, duplicate: true };
}

/** Begins nothing after the first failure, and throws it when what had begun has ended. */
async function untilFailure<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const failures: Error[] = [];
  await inParallel(items, WIDTH, async (item) => {
    if (failures.length > 0) return;
    await work(item).catch((error: unknown) => {
      failures.push(error instanceof Error ? error : new Error("the store failed", { cause: error }));
    });
  });
  const failure = failures.find((it) => !isUnavailable(it)) ?? failures[0];
  if (failure === undefined) return;
  if (!isUnavailable(failure)) throw failure;
  const message = "Not every event of the request was stored. Send the same request again: none is stored twice.";
  throw new PosthornError("store_unavailable", message, [], { cause: failure });
}

function isUnavailable(error: unknown): boolean {
  return isPosthornError(error) && error.code === "store_unavailable";
}
