/** Which application a call is about. */
import { DEFAULT_APPLICATION } from "./application-finder.js";
import type { CallerContext } from "./context.js";
import { notFound } from "./not-found.js";

type Asking = Pick<CallerContext, "principal" | "applications" | "audit">;

/**
 * The id of the application that `named` (id or uid) means for this caller. A key of an application may name only that
 * one; an admin key that names none means `default`.
 *
 * @throws `not_found`, the same for unknown and foreign applications
 */
export async function applicationOf(context: Asking, named: string | undefined): Promise<string> {
  const id = ownId(context, named) ?? (await foundId(context, named));
  context.audit.applicationId = id;
  return id;
}

/** Where the key alone decides: nothing has to be waited for. */
function ownId({ principal }: Asking, named: string | undefined): string | null {
  if (principal.kind === "admin") return null;
  return named === undefined || named === principal.applicationId ? principal.applicationId : null;
}

async function foundId({ principal, applications }: Asking, named: string | undefined): Promise<string> {
  const reference = named ?? DEFAULT_APPLICATION;
  const application = await applications.find(reference);
  if (application === null) throw notFound("application", reference);
  if (principal.kind === "application" && application.id !== principal.applicationId) {
    throw notFound("application", reference);
  }
  return application.id;
}
