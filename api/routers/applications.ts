/** Applications: the customers of the sender. Everything else belongs to exactly one. */
import { z } from "zod";
import { isId } from "../../core/ids.js";
import { PosthornError } from "../../core/errors.js";
import type { Application } from "../../core/model.js";
import { OPERATOR_UID } from "../../core/operational-events.js";
import { answerApplication } from "../answers/application.js";
import { DEFAULT_APPLICATION } from "../application-finder.js";
import { applicationOf } from "../application-of.js";
import type { CallerContext } from "../context.js";
import { cancelWhatIsLeft } from "../endpoints/delete.js";
import { given } from "../given.js";
import { inParallel } from "../commands/in-parallel.js";
import { notFound } from "../not-found.js";
import { rest } from "../procedure-meta.js";
import {
  applicationAnswer,
  applicationCreateInput,
  applicationListInput,
  applicationReferenceInput,
  applicationUpdateInput,
} from "../schemas/application.js";
import { pageOf, readPage, writePage } from "../schemas/paging.js";
import { taken } from "../taken.js";
import { adminProcedure, procedure, router } from "../trpc.js";

const tags = ["applications"];
const OPERATIONS_IN_PARALLEL = 8;

async function find(context: CallerContext, reference: string): Promise<Application> {
  const application = await context.services.stores.applications.find(reference);
  if (application === null) throw notFound("application", reference);
  context.audit.applicationId = application.id;
  context.audit.found(application.id, () => answerApplication(application));
  return application;
}

export const applications = router({
  /** Creates an application. Admin keys only; 409 if the uid is taken. */
  create: adminProcedure
    .meta(
      rest(
        {
          method: "POST",
          path: "/v1/applications",
          summary: "Create an application",
          tags,
          scope: "applications:write",
        },
        201,
      ),
    )
    .input(applicationCreateInput)
    .output(applicationAnswer)
    .mutation(async ({ ctx, input }) => {
      const { ids, stores } = ctx.services;
      const id = ids.next("application");
      const now = new Date(ids.timeOf(id));
      const inserted = await stores.applications.insert({
        id,
        uid: input.uid ?? null,
        name: input.name,
        metadata: input.metadata ?? {},
        metriport: null,
        createdAt: now,
        updatedAt: now,
      });
      if (inserted.kind === "taken") throw taken(inserted.field, input.uid);
      return answerApplication(inserted.row);
    }),

  /** Any application for an admin key, its own for another. */
  get: procedure
    .meta(
      rest({
        method: "GET",
        path: "/v1/applications/{id}",
        summary: "Get an application",
        tags,
        scope: "applications:read",
      }),
    )
    .input(applicationReferenceInput)
    .output(applicationAnswer)
    .query(async ({ ctx, input }) => answerApplication(await find(ctx, await applicationOf(ctx, input.id)))),

  /** Pages through all applications. Admin keys only. */
  list: adminProcedure
    .meta(
      rest({ method: "GET", path: "/v1/applications", summary: "List applications", tags, scope: "applications:read" }),
    )
    .input(applicationListInput)
    .output(pageOf(applicationAnswer))
    .query(async ({ ctx, input }) => {
      const page = readPage(input, (after) => isId("application", after));
      return writePage(await ctx.services.stores.applications.list(page), page.order, answerApplication);
    }),

  /** Changes the given fields. Admin keys only; `default` and `operator` keep their uid. */
  update: adminProcedure
    .meta(
      rest({
        method: "PATCH",
        path: "/v1/applications/{id}",
        summary: "Update an application",
        tags,
        scope: "applications:write",
      }),
    )
    .input(applicationUpdateInput)
    .output(applicationAnswer)
    .mutation(async ({ ctx, input: { id, ...fields } }) => {
      const application = await find(ctx, id);
      if (fields.uid !== undefined && fields.uid !== application.uid) refuseBuiltIn(application, "keeps its uid");
      const updated = await ctx.services.stores.applications.update(application.id, given(fields));
      ctx.applications.forget();
      if (updated === null) throw notFound("application", id);
      if (updated.kind === "taken") throw taken(updated.field, fields.uid);
      return answerApplication(updated.row);
    }),

  /**
   * Deletes an application with its endpoints, event types and keys; what was not delivered is cancelled. Admin keys
   * only; `default` and `operator` stay.
   */
  delete: adminProcedure
    .meta(
      rest(
        {
          method: "DELETE",
          path: "/v1/applications/{id}",
          summary: "Delete an application",
          tags,
          scope: "applications:write",
        },
        204,
      ),
    )
    .input(applicationReferenceInput)
    .output(z.void())
    .mutation(async ({ ctx, input }) => {
      const { services } = ctx;
      const application = await find(ctx, input.id);
      refuseBuiltIn(application, "cannot be deleted");
      await services.engine.ping();
      const endpoints = await services.stores.endpoints.all(application.id);
      const deleted = await services.stores.applications.delete(application.id);
      ctx.applications.forget();
      ctx.forgetKeys();
      services.directory.invalidate(application.id);
      if (!deleted) throw notFound("application", input.id);
      await inParallel(endpoints, OPERATIONS_IN_PARALLEL, (endpoint) => cancelWhatIsLeft(services, endpoint.id));
    }),
});

/** What every installation has, and what to do instead. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  [DEFAULT_APPLICATION, "calls that name no application mean it; create one of your own instead"],
  [OPERATOR_UID, "its endpoints get operational events; delete its endpoints to get none"],
]);

function refuseBuiltIn({ uid }: Application, what: string): void {
  const why = uid === null ? undefined : BUILT_IN.get(uid);
  if (uid !== null && why !== undefined)
    throw new PosthornError("conflict", `The application "${uid}" ${what}: ${why}.`);
}
