/** API keys. An admin key manages all, an application's key those of its application. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { PosthornError } from "../../core/errors.js";
import type { ApiKey } from "../../core/model.js";
import { answerKey } from "../answers/key.js";
import { applicationOf } from "../application-of.js";
import type { CallerContext } from "../context.js";
import { createApiKey, isApiKeyId } from "../keys/api-key.js";
import { grantedBounds } from "../keys/grant.js";
import { notFound } from "../not-found.js";
import { rest } from "../procedure-meta.js";
import { keyAnswer, keyCreateInput, keyListInput, keyReferenceInput, newKeyAnswer } from "../schemas/key.js";
import type { KeyCreate } from "../schemas/key.js";
import { pageOf, readPage, writePage } from "../schemas/paging.js";
import { procedure, router } from "../trpc.js";

const tags = ["keys"];
/** Revoked and expired ones included: nothing removes them. */
const KEYS_PER_APPLICATION_MAX = 10_000;

async function find({ services, principal, audit }: CallerContext, id: string): Promise<ApiKey> {
  const key = await services.stores.apiKeys.find(id);
  const isReachable = key !== null && (principal.kind === "admin" || key.applicationId === principal.applicationId);
  if (!isReachable) throw notFound("key", id);
  audit.applicationId = key.applicationId;
  audit.found(key.id, () => answerKey(key));
  return key;
}

/** `null`: an admin key is wanted. */
async function ownerOf(context: CallerContext, { admin, application }: KeyCreate): Promise<string | null> {
  if (admin !== true) return applicationOf(context, application);
  if (context.principal.kind !== "admin") {
    throw new PosthornError("forbidden", "Only an admin key makes admin keys.");
  }
  if (application === undefined) return null;
  throw new PosthornError("invalid_input", undefined, [
    { path: "application", message: "an admin key belongs to no application" },
  ]);
}

export const keys = router({
  /**
   * Makes a key and answers its text, this once. It gets at most the scopes, the expiry and the rate limit of the key that
   * asks: 403 `forbidden` names what would be more. 409 if the application has 10,000 keys.
   */
  create: procedure
    .meta(rest({ method: "POST", path: "/v1/keys", summary: "Create an API key", tags, scope: "keys:write" }, 201))
    .input(keyCreateInput)
    .output(newKeyAnswer)
    .mutation(async ({ ctx, input }) => {
      const { stores, clock } = ctx.services;
      const applicationId = await ownerOf(ctx, input);
      const now = new Date(clock.now());
      const bounds = grantedBounds(ctx.principal, input, now);
      const count = applicationId === null ? 0 : await stores.apiKeys.countOf(applicationId, KEYS_PER_APPLICATION_MAX);
      if (count >= KEYS_PER_APPLICATION_MAX) {
        throw new PosthornError("conflict", `An application has at most ${KEYS_PER_APPLICATION_MAX} keys.`);
      }
      const { text, row } = createApiKey({ name: input.name ?? "", applicationId, ...bounds, now, randomBytes });
      await stores.apiKeys.insert(row);
      return { ...answerKey(row), key: text.reveal() };
    }),

  get: procedure
    .meta(rest({ method: "GET", path: "/v1/keys/{id}", summary: "Get an API key", tags, scope: "keys:read" }))
    .input(keyReferenceInput)
    .output(keyAnswer)
    .query(async ({ ctx, input }) => answerKey(await find(ctx, input.id))),

  /** Pages by id, which says nothing about age; revoked and expired ones included. */
  list: procedure
    .meta(rest({ method: "GET", path: "/v1/keys", summary: "List API keys", tags, scope: "keys:read" }))
    .input(keyListInput)
    .output(pageOf(keyAnswer))
    .query(async ({ ctx, input }) => {
      const isAll = ctx.principal.kind === "admin" && input.application === undefined;
      const applicationId = isAll ? null : await applicationOf(ctx, input.application);
      const page = readPage(input, isApiKeyId);
      return writePage(await ctx.services.stores.apiKeys.page(applicationId, page), page.order, answerKey);
    }),

  /** Ends a key: at once in the process that answers, within 5 s in the others. Repeating it changes nothing. */
  revoke: procedure
    .meta(
      rest({ method: "DELETE", path: "/v1/keys/{id}", summary: "Revoke an API key", tags, scope: "keys:write" }, 204),
    )
    .input(keyReferenceInput)
    .output(z.void())
    .mutation(async ({ ctx, input }) => {
      const { stores, clock } = ctx.services;
      const { id } = await find(ctx, input.id);
      try {
        await stores.apiKeys.revoke(id, new Date(clock.now()));
      } finally {
        // Also where no answer came: it may have happened.
        ctx.forgetKeys();
      }
    }),
});
