/** The audit list: who changed what, and who read secrets. Publishing is not on it. */
import { isId } from "../../core/ids.js";
import type { AuditEntry } from "../../core/model.js";
import { isoTime } from "../answers/time.js";
import { applicationOf } from "../application-of.js";
import type { CallerContext } from "../context.js";
import { rest } from "../procedure-meta.js";
import { auditAnswer, auditListInput } from "../schemas/audit.js";
import type { AuditAnswer } from "../schemas/audit.js";
import { pageOf, readPage, readWindow, writePage } from "../schemas/paging.js";
import { procedure, router } from "../trpc.js";

const tags = ["audit"];

/** `null`: the whole list. */
async function applicationFilter(context: CallerContext, named: string | undefined): Promise<string | null> {
  if (context.principal.kind === "admin") {
    // Entries outlive the application that they are about.
    if (named === undefined || isId("application", named)) return named ?? null;
  }
  return applicationOf(context, named);
}

function answer({ at, targetIds, ...entry }: AuditEntry): AuditAnswer {
  return { ...entry, at: isoTime(at), targetIds: [...targetIds] };
}

export const audit = router({
  list: procedure
    .meta(rest({ method: "GET", path: "/v1/audit", summary: "List who changed what", tags, scope: "audit:read" }))
    .input(auditListInput)
    .output(pageOf(auditAnswer))
    .query(async ({ ctx, input }) => {
      const page = readPage(input, (after) => isId("audit", after));
      const filter = {
        applicationId: await applicationFilter(ctx, input.application),
        action: input.action ?? null,
        keyId: input.key ?? null,
        ...readWindow(input),
      };
      return writePage(await ctx.services.stores.audit.list(filter, page), page.order, answer);
    }),
});
