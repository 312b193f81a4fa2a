/** Ids, uids and event ids in the filters of lists. */
import { isId } from "../core/ids.js";
import type { ApiStores } from "./deps.js";
import { notFound } from "./not-found.js";

/** An endpoint's id is taken as it is: a deleted endpoint still has deliveries. A uid must exist. */
export async function endpointFilter(
  stores: ApiStores,
  applicationId: string,
  reference: string | undefined,
): Promise<string | null> {
  if (reference === undefined) return null;
  if (isId("endpoint", reference)) return reference;
  const endpoint = await stores.endpoints.find(applicationId, reference);
  if (endpoint === null) throw notFound("endpoint", reference);
  return endpoint.id;
}

/** An event's id is taken as it is, an `eventId` must exist. */
export async function eventFilter(
  stores: ApiStores,
  applicationId: string,
  reference: string | undefined,
): Promise<string | null> {
  if (reference === undefined) return null;
  if (isId("event", reference)) return reference;
  const event = await stores.events.find(applicationId, reference);
  if (event === null) throw notFound("event", reference);
  return event.id;
}
