import type { Endpoint } from "../../core/model.js";
import { answerEndpoint } from "../answers/endpoint.js";
import { applicationOf } from "../application-of.js";
import type { CallerContext } from "../context.js";
import { notFound } from "../not-found.js";

/**
 * The endpoint that an input names, within the caller's application.
 *
 * @throws `not_found`
 */
export async function findEndpoint(
  context: CallerContext,
  input: { application?: string | undefined; id: string },
): Promise<Endpoint> {
  const applicationId = await applicationOf(context, input.application);
  const endpoint = await context.services.stores.endpoints.find(applicationId, input.id);
  if (endpoint === null) throw notFound("endpoint", input.id);
  context.audit.found(endpoint.id, () => answerEndpoint(endpoint));
  return endpoint;
}
