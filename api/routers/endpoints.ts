/** Endpoints: the URLs that receive an application's events. */
import { z } from "zod";
import { isId } from "../../core/ids.js";
import { answerEndpoint } from "../answers/endpoint.js";
import { unmaskHeaders } from "../answers/header-mask.js";
import { applicationOf } from "../application-of.js";
import { changeEndpoint } from "../endpoints/change.js";
import { checkEndpoint, checkProfileChange, movesSecrets } from "../endpoints/checks.js";
import { createEndpoint } from "../endpoints/create.js";
import { deleteEndpoint } from "../endpoints/delete.js";
import { findEndpoint } from "../endpoints/find.js";
import { keyPairsFor } from "../endpoints/key-pairs.js";
import { rateLimitFrom } from "../endpoints/rate-limit.js";
import { given } from "../given.js";
import { requireScope } from "../keys/require-scope.js";
import { notFound } from "../not-found.js";
import { rest } from "../procedure-meta.js";
import {
  endpointAnswer,
  endpointCreateInput,
  endpointListInput,
  endpointReferenceInput,
  endpointUpdateInput,
} from "../schemas/endpoint.js";
import { pageOf, readPage, writePage } from "../schemas/paging.js";
import { procedure, router } from "../trpc.js";
import { endpointActions } from "./endpoint-actions.js";

const tags = ["endpoints"];

export const endpoints = router({
  /** Registers an endpoint; its secret is read with `secret`, never part of an answer. */
  create: procedure
    .meta(
      rest(
        { method: "POST", path: "/v1/endpoints", summary: "Create an endpoint", tags, scope: "endpoints:write" },
        201,
      ),
    )
    .input(endpointCreateInput)
    .output(endpointAnswer)
    .mutation(async ({ ctx, input }) => {
      const applicationId = await applicationOf(ctx, input.application);
      return answerEndpoint(await createEndpoint(ctx.services, applicationId, input));
    }),

  get: procedure
    .meta(
      rest({ method: "GET", path: "/v1/endpoints/{id}", summary: "Get an endpoint", tags, scope: "endpoints:read" }),
    )
    .input(endpointReferenceInput)
    .output(endpointAnswer)
    .query(async ({ ctx, input }) => answerEndpoint(await findEndpoint(ctx, input))),

  list: procedure
    .meta(rest({ method: "GET", path: "/v1/endpoints", summary: "List endpoints", tags, scope: "endpoints:read" }))
    .input(endpointListInput)
    .output(pageOf(endpointAnswer))
    .query(async ({ ctx, input }) => {
      const applicationId = await applicationOf(ctx, input.application);
      const page = readPage(input, (after) => isId("endpoint", after));
      return writePage(await ctx.services.stores.endpoints.list(applicationId, page), page.order, answerEndpoint);
    }),

  /**
   * Changes the given fields; lists and maps as a whole. A masked header value sent back keeps the stored one. Another
   * host for an endpoint that has such values, or the key of the profile `metriport`, needs `secrets:read` as well.
   */
  update: procedure
    .meta(
      rest({
        method: "PATCH",
        path: "/v1/endpoints/{id}",
        summary: "Update an endpoint",
        tags,
        scope: "endpoints:write",
      }),
    )
    .input(endpointUpdateInput)
    .output(endpointAnswer)
    .mutation(async ({ ctx, input }) => {
      const endpoint = await findEndpoint(ctx, input);
      const { url, uid, description, eventTypes, channels, metadata, profile, retryPolicy, timeoutMs } = input;
      const rateLimit = input.rateLimit && rateLimitFrom(input.rateLimit);
      const headers = input.headers && unmaskHeaders(input.headers, endpoint.headers);
      checkEndpoint(ctx.services, { url, headers });
      checkProfileChange(endpoint, profile);
      // The next request would show somebody else what answers do not show to this key.
      if (movesSecrets(endpoint, input)) requireScope(ctx.principal, "secrets:read");
      const filters = { eventTypes, channels, pairedEvents: input.pairedEvents };
      const settings = { url, uid, description, headers, metadata, skipPong: input.skipPong };
      const asymmetricKeys = keyPairsFor(ctx.services, endpoint, input.signatures);
      const sending = { profile, retryPolicy, rateLimit, clientErrors: input.clientErrors, timeoutMs };
      const change = given({ ...settings, ...filters, ...sending, asymmetricKeys });
      return answerEndpoint(await changeEndpoint(ctx.services, endpoint, change));
    }),

  /** Deletes the endpoint; deliveries that had not ended are cancelled with the reason "endpoint deleted". */
  delete: procedure
    .meta(
      rest(
        { method: "DELETE", path: "/v1/endpoints/{id}", summary: "Delete an endpoint", tags, scope: "endpoints:write" },
        204,
      ),
    )
    .input(endpointReferenceInput)
    .output(z.void())
    .mutation(async ({ ctx, input }) => {
      const endpoint = await findEndpoint(ctx, input);
      const deleted = await deleteEndpoint(ctx.services, endpoint.applicationId, endpoint.id);
      if (!deleted) throw notFound("endpoint", input.id);
    }),

  ...endpointActions,
});
