import type { Endpoint } from "../../core/model.js";
import type { EndpointChange } from "../../core/ports.js";
import type { ApiServices } from "../deps.js";
import { notFound } from "../not-found.js";
import { taken } from "../taken.js";

/**
 * Writes a change and makes this process see it at once.
 *
 * @throws `not_found` if the endpoint was deleted meanwhile, `conflict` if the uid is taken
 */
export async function changeEndpoint(
  services: ApiServices,
  endpoint: Endpoint,
  change: EndpointChange,
): Promise<Endpoint> {
  const updated = await services.stores.endpoints.update(endpoint.applicationId, endpoint.id, change);
  if (updated === null) throw notFound("endpoint", endpoint.id);
  if (updated.kind === "taken") throw taken(updated.field, change.uid);
  services.directory.invalidate(endpoint.applicationId);
  return updated.row;
}
