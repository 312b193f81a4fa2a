/**
 * The one endpoint that Metriport's settings are about. It is an endpoint like any other, found by its uid, so that
 * everything else that can be done with endpoints works with it as well.
 */
import type { Endpoint } from "../../core/model.js";
import type { ApiServices } from "../deps.js";

export const DESIGNATED_UID = "metriport";

/** `null` until a URL is set for the first time. */
export async function designatedEndpoint(services: ApiServices, applicationId: string): Promise<Endpoint | null> {
  const endpoint = await services.stores.endpoints.find(applicationId, DESIGNATED_UID);
  return endpoint?.profile === "metriport" ? endpoint : null;
}

/** Whether its URL and key were cleared. The row stays, so that its deliveries have something to go on with. */
export function isCleared(endpoint: Pick<Endpoint, "status" | "statusReason">): boolean {
  return endpoint.status === "disabled" && endpoint.statusReason === "cleared";
}
