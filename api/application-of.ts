/** Which application a call is about. */
import { DEFAULT_APPLICATION } from "./application-finder.js";
import type { CallerContext } from "./context.js";
import { notFound } from "./not-found.js";

/**
 * The id of the application that `named` (id or uid) means for this caller. A key of an application may name only that
 * one; an admin key that names none means `default`.
 *
 * @throws `not_found`, the same for unknown and foreign applications
 */
export async function applicationOf(context: CallerContext, named: string | undefined): Promise<string> {
  const id = await idOf(context, named);
  context.audit.applicationId = id;
  return id;
}

async function idOf(context: CallerContext, named: string | undefined): Promise<string> {
  const { principal } = context;
  if (principal.kind === "application" && (named === undefined || named === principal.applicationId)) {
    return principal.applicationId;
  }
  const reference = named ?? DEFAULT_APPLICATION;
  const application = await context.applications.find(reference);
  if (application === null) throw notFound("application", reference);
  if (principal.kind === "application" && application.id !== principal.applicationId) {
    throw notFound("application", reference);
  }
  return application.id;
}
