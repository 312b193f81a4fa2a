/** Events: publishing them and seeing what became of them. */
import { isId } from "../../core/ids.js";
import type { WebhookEvent } from "../../core/model.js";
import { answerEvent, answerEventSummary } from "../answers/event.js";
import { applicationOf } from "../application-of.js";
import { cancelEvent } from "../commands/cancel-event.js";
import type { CallerContext } from "../context.js";
import { notFound } from "../not-found.js";
import { rest } from "../procedure-meta.js";
import { explainEvent } from "../publishing/explain.js";
import { publish, publishBatch } from "../publishing/publish.js";
import {
  eventAnswer,
  eventListInput,
  eventReferenceInput,
  eventSummaryAnswer,
  explainAnswer,
} from "../schemas/event.js";
import type { EventAnswer } from "../schemas/event.js";
import { pageOf, readPage, readWindow, writePage } from "../schemas/paging.js";
import { publishAnswer, publishBatchAnswer, publishBatchInput, publishInput } from "../schemas/publish.js";
import { procedure, router } from "../trpc.js";

const tags = ["events"];

async function find(
  context: CallerContext,
  input: { application?: string | undefined; id: string },
): Promise<WebhookEvent> {
  const applicationId = await applicationOf(context, input.application);
  const event = await context.services.stores.events.find(applicationId, input.id);
  if (event === null) throw notFound("event", input.id);
  context.audit.found(event.id, () => ({ state: event.state }));
  return event;
}

async function answer(context: CallerContext, event: WebhookEvent): Promise<EventAnswer> {
  return answerEvent(event, await context.services.stores.deliveries.countByStatus({ eventId: event.id }));
}

export const events = router({
  /**
   * Accepts an event: 202 means that it is on disk. The same `eventId` with the same content answers with the first
   * event and `duplicate: true`, with other content with 409 `event_conflict`.
   */
  publish: procedure
    .meta(rest({ method: "POST", path: "/v1/events", summary: "Publish an event", tags, scope: "events:write" }, 202))
    .input(publishInput)
    .output(publishAnswer)
    .mutation(({ ctx, input }) => publish(ctx, input)),

  /** Up to 500 events with an answer for each, in the order sent; a bad one does not refuse the others. */
  publishBatch: procedure
    .meta(
      rest(
        { method: "POST", path: "/v1/events/batch", summary: "Publish up to 500 events", tags, scope: "events:write" },
        202,
      ),
    )
    .input(publishBatchInput)
    .output(publishBatchAnswer)
    .mutation(({ ctx, input }) => publishBatch(ctx, input)),

  /** With its payload and the number of its deliveries by state. */
  get: procedure
    .meta(rest({ method: "GET", path: "/v1/events/{id}", summary: "Get an event", tags, scope: "events:read" }))
    .input(eventReferenceInput)
    .output(eventAnswer)
    .query(async ({ ctx, input }) => answer(ctx, await find(ctx, input))),

  /** Without payloads. */
  list: procedure
    .meta(rest({ method: "GET", path: "/v1/events", summary: "List events", tags, scope: "events:read" }))
    .input(eventListInput)
    .output(pageOf(eventSummaryAnswer))
    .query(async ({ ctx, input }) => {
      const applicationId = await applicationOf(ctx, input.application);
      const page = readPage(input, (after) => isId("event", after));
      const filter = {
        eventType: input.eventType ?? null,
        channel: input.channel ?? null,
        text: input.text ?? null,
        ...readWindow(input),
      };
      const rows = await ctx.services.stores.events.list(applicationId, filter, page);
      return writePage(rows, page.order, answerEventSummary);
    }),

  /** Which endpoints get the event, which do not, and why. */
  explain: procedure
    .meta(
      rest({
        method: "GET",
        path: "/v1/events/{id}/explain",
        summary: "Explain who gets an event",
        tags,
        scope: "events:read",
      }),
    )
    .input(eventReferenceInput)
    .output(explainAnswer)
    .query(async ({ ctx, input }) => {
      const { stores } = ctx.services;
      const event = await find(ctx, input);
      const [endpoints, deliveries] = await Promise.all([
        stores.endpoints.all(event.applicationId),
        stores.deliveries.ofEvents([event.id]),
      ]);
      return explainEvent(event, endpoints, deliveries);
    }),

  /** Cancels a scheduled event, or all deliveries that are not final; 409 in words if nothing was left to cancel. */
  cancel: procedure
    .meta(
      rest({
        method: "POST",
        path: "/v1/events/{id}/cancel",
        summary: "Cancel what has not ended",
        tags,
        scope: "events:write",
        audit: true,
      }),
    )
    .input(eventReferenceInput)
    .output(eventAnswer)
    .mutation(async ({ ctx, input, signal }) => {
      const event = await find(ctx, input);
      await cancelEvent(ctx, event, signal);
      return answer(ctx, (await ctx.services.stores.events.find(event.applicationId, event.id)) ?? event);
    }),
});
