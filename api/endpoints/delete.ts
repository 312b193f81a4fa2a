import type { ApiServices } from "../deps.js";

/**
 * Removes an endpoint and has what it left cancelled.
 *
 * @returns whether there was one
 * @throws `engine_unavailable` before anything has changed
 */
export async function deleteEndpoint(services: ApiServices, applicationId: string, id: string): Promise<boolean> {
  // Held deliveries have no workflow that would notice: without Temporal they would be left behind for good.
  await services.engine.ping();
  const deleted = await services.stores.endpoints.delete(applicationId, id);
  services.directory.invalidate(applicationId);
  if (deleted) await cancelWhatIsLeft(services, id);
  return deleted;
}

/** Starts the operation that cancels the open deliveries of a deleted endpoint. */
export async function cancelWhatIsLeft(services: ApiServices, endpointId: string): Promise<void> {
  await services.engine.startOperation({
    operationId: services.ids.next("operation"),
    kind: "cancel",
    endpointId,
    reason: "endpoint deleted",
  });
}
