/** Attempts: single HTTP requests, as they went. */
import { isId } from "../../core/ids.js";
import { answerAttempt } from "../answers/attempt.js";
import { applicationOf } from "../application-of.js";
import { endpointFilter, eventFilter } from "../filter-references.js";
import { notFound } from "../not-found.js";
import { rest } from "../procedure-meta.js";
import { attemptAnswer, attemptListInput, attemptReferenceInput } from "../schemas/attempt.js";
import { pageOf, readPage, readWindow, writePage } from "../schemas/paging.js";
import { procedure, router } from "../trpc.js";

const tags = ["attempts"];

export const attempts = router({
  get: procedure
    .meta(rest({ method: "GET", path: "/v1/attempts/{id}", summary: "Get an attempt", tags, scope: "deliveries:read" }))
    .input(attemptReferenceInput)
    .output(attemptAnswer)
    .query(async ({ ctx, input }) => {
      const applicationId = await applicationOf(ctx, input.application);
      const attempt = await ctx.services.stores.attempts.find(applicationId, input.id);
      if (attempt === null) throw notFound("attempt", input.id);
      return answerAttempt(attempt);
    }),

  /** Of an endpoint, an event, a delivery, or of all. */
  list: procedure
    .meta(rest({ method: "GET", path: "/v1/attempts", summary: "List attempts", tags, scope: "deliveries:read" }))
    .input(attemptListInput)
    .output(pageOf(attemptAnswer))
    .query(async ({ ctx, input }) => {
      const { stores } = ctx.services;
      const applicationId = await applicationOf(ctx, input.application);
      const page = readPage(input, (after) => isId("attempt", after));
      const filter = {
        endpointId: await endpointFilter(stores, applicationId, input.endpoint ?? input.endpointId),
        eventId: await eventFilter(stores, applicationId, input.event ?? input.eventId),
        deliveryId: input.delivery ?? null,
        outcome: input.outcome ?? null,
        succeeded: null,
        eventTypes: null,
        ...readWindow(input),
      };
      return writePage(await stores.attempts.list(applicationId, filter, page), page.order, answerAttempt);
    }),
});
