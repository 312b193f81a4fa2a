/** What the procedures `events.publish` and `events.publishBatch` do, whichever way they are called. */
import { applicationOf } from "../application-of.js";
import type { CallerContext } from "../context.js";
import type { PublishAnswer, PublishBatchAnswer, PublishBatchInput, PublishInput } from "../schemas/publish.js";
import { acceptEvent } from "./accept.js";
import { acceptBatch } from "./batch.js";
import { newEvent } from "./new-event.js";

/** What publishing asks of the context of a call. */
export type PublishContext = Pick<CallerContext, "services" | "applications" | "principal" | "audit" | "requestId">;

export async function publish(context: PublishContext, input: PublishInput): Promise<PublishAnswer> {
  const applicationId = await applicationOf(context, input.application);
  return admitted(context, 1, async () =>
    acceptEvent(context.services, await newEvent(context.services, applicationId, input)),
  );
}

export async function publishBatch(context: PublishContext, input: PublishBatchInput): Promise<PublishBatchAnswer> {
  const applicationId = await applicationOf(context, input.application);
  const results = await admitted(context, input.events.length, () => acceptBatch(context, applicationId, input.events));
  return { results };
}

/** Writes so many events when the process can take them. */
async function admitted<T>({ services }: PublishContext, events: number, write: () => Promise<T>): Promise<T> {
  const leave = await services.intake.enter(events);
  try {
    return await write();
  } finally {
    leave();
  }
}
