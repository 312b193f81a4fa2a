/** Event types: the catalogue of what an application may publish. Unlisted types are accepted all the same. */
import { z } from "zod";
import type { EventType } from "../../core/model.js";
import { answerEventType } from "../answers/event-type.js";
import { applicationOf } from "../application-of.js";
import type { CallerContext } from "../context.js";
import { given } from "../given.js";
import { notFound } from "../not-found.js";
import { rest } from "../procedure-meta.js";
import {
  eventTypeAnswer,
  eventTypeCreateInput,
  eventTypeListInput,
  eventTypeReferenceInput,
  eventTypeUpdateInput,
} from "../schemas/event-type.js";
import { eventTypeName } from "../schemas/fields.js";
import { pageOf, readPage, writePage } from "../schemas/paging.js";
import { taken } from "../taken.js";
import { procedure, router } from "../trpc.js";

const tags = ["event-types"];

async function find(
  context: CallerContext,
  input: { application?: string | undefined; name: string },
): Promise<EventType> {
  const applicationId = await applicationOf(context, input.application);
  const eventType = await context.services.stores.eventTypes.find(applicationId, input.name);
  if (eventType === null) throw notFound("event type", input.name);
  context.audit.found(eventType.name, () => answerEventType(eventType));
  return eventType;
}

export const eventTypes = router({
  /** Registers an event type. An archived one of that name comes back with the given fields; else 409. */
  create: procedure
    .meta(
      rest(
        { method: "POST", path: "/v1/event-types", summary: "Create an event type", tags, scope: "event-types:write" },
        201,
      ),
    )
    .input(eventTypeCreateInput)
    .output(eventTypeAnswer)
    .mutation(async ({ ctx, input }) => {
      const { stores, clock } = ctx.services;
      const applicationId = await applicationOf(ctx, input.application);
      const now = new Date(clock.now());
      const details = {
        description: input.description ?? "",
        schema: input.schema ?? null,
        example: input.example ?? null,
        group: input.group ?? null,
        archived: false,
      };
      const row = { applicationId, name: input.name, ...details, createdAt: now, updatedAt: now };
      const inserted = await stores.eventTypes.insert(row);
      if (inserted.kind === "inserted") return answerEventType(inserted.row);
      const existing = await stores.eventTypes.find(applicationId, input.name);
      if (existing?.archived !== true) throw taken("name", input.name);
      const revived = await stores.eventTypes.update(applicationId, input.name, details);
      if (revived === null) throw notFound("event type", input.name);
      return answerEventType(revived);
    }),

  get: procedure
    .meta(
      rest({
        method: "GET",
        path: "/v1/event-types/{name}",
        summary: "Get an event type",
        tags,
        scope: "event-types:read",
      }),
    )
    .input(eventTypeReferenceInput)
    .output(eventTypeAnswer)
    .query(async ({ ctx, input }) => answerEventType(await find(ctx, input))),

  /** Pages by name: `newest` is descending, `oldest` ascending. */
  list: procedure
    .meta(
      rest({ method: "GET", path: "/v1/event-types", summary: "List event types", tags, scope: "event-types:read" }),
    )
    .input(eventTypeListInput)
    .output(pageOf(eventTypeAnswer))
    .query(async ({ ctx, input }) => {
      const applicationId = await applicationOf(ctx, input.application);
      const page = readPage(input, (after) => eventTypeName.safeParse(after).success);
      const includeArchived = input.includeArchived ?? false;
      const rows = await ctx.services.stores.eventTypes.list(applicationId, page, { includeArchived });
      return writePage(rows, page.order, answerEventType);
    }),

  update: procedure
    .meta(
      rest({
        method: "PATCH",
        path: "/v1/event-types/{name}",
        summary: "Update an event type",
        tags,
        scope: "event-types:write",
      }),
    )
    .input(eventTypeUpdateInput)
    .output(eventTypeAnswer)
    .mutation(async ({ ctx, input }) => {
      const { application, name, ...fields } = input;
      const { applicationId } = await find(ctx, { application, name });
      const updated = await ctx.services.stores.eventTypes.update(applicationId, name, given(fields));
      if (updated === null) throw notFound("event type", name);
      return answerEventType(updated);
    }),

  /** Archives: the type disappears from lists, events of it are accepted as before. */
  archive: procedure
    .meta(
      rest(
        {
          method: "DELETE",
          path: "/v1/event-types/{name}",
          summary: "Archive an event type",
          tags,
          scope: "event-types:write",
        },
        204,
      ),
    )
    .input(eventTypeReferenceInput)
    .output(z.void())
    .mutation(async ({ ctx, input }) => {
      const { applicationId } = await find(ctx, input);
      const updated = await ctx.services.stores.eventTypes.update(applicationId, input.name, { archived: true });
      if (updated === null) throw notFound("event type", input.name);
    }),
});
