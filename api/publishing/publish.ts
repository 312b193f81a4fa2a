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
  const leave = await context.services.intake.enter(1);
  try {
    return await acceptEvent(context.services, await newEvent(context.services, applicationId, input));
  } finally {
    leave();
  }
}

export async function publishBatch(context: PublishContext, input: PublishBatchInput): Promise<PublishBatchAnswer> {
  const applicationId = await applicationOf(context, input.application);
  const leave = await context.services.intake.enter(input.events.length);
  try {
    return { results: await acceptBatch(context, applicationId, input.events) };
  } finally {
    leave();
  }
}
