import type { StatusNotice } from "../../core/endpoint-health.js";
import type { Endpoint } from "../../core/model.js";
import type { EndpointChange } from "../../core/store-ports.js";
import { tellUntold } from "../../core/untold.js";
import type { ApiServices } from "../deps.js";
import { notFound } from "../not-found.js";
import { taken } from "../taken.js";
import { asciiUrl } from "./ascii-url.js";

/**
 * Writes a change and makes this process see it at once. With another URL, and when it becomes active, what it failed at
 * before keeps nothing from being sent. Operators are told that it is disabled or enabled; if that fails the change is
 * made all the same, and they are told by the sweep.
 *
 * @throws `not_found` if the endpoint was deleted meanwhile, `conflict` if the uid is taken
 */
export async function changeEndpoint(
  services: ApiServices,
  endpoint: Endpoint,
  given: EndpointChange,
): Promise<Endpoint> {
  const change = given.url === undefined ? given : { ...given, url: asciiUrl(given.url) };
  const isTriedAnew =
    (change.url !== undefined && change.url !== endpoint.url) ||
    (change.status === "active" && endpoint.status !== "active");
  const anew = isTriedAnew ? ({ forgiven: true } as const) : {};
  const notice = noticeOf(endpoint, change);
  const updated = await services.stores.endpoints.update(endpoint.applicationId, endpoint.id, {
    ...{ ...change, ...anew },
    ...(notice && { notice }),
  });
  if (updated === null) throw notFound("endpoint", endpoint.id);
  if (updated.kind === "taken") throw taken(updated.field, change.uid);
  services.directory.invalidate(endpoint.applicationId);
  if (notice !== null) await tellUntold({ ...services, endpoints: services.stores.endpoints }, updated.row);
  return updated.row;
}

/** Of a pause, a resume or a repeat that changes nothing there is nothing to tell. */
function noticeOf(before: Endpoint, { status, statusReason }: EndpointChange): StatusNotice | null {
  const isDisabled = before.status === "disabled";
  if (status === "disabled" && !isDisabled) return { type: "endpoint.disabled", reason: statusReason ?? "manual" };
  return status === "active" && isDisabled ? { type: "endpoint.enabled" } : null;
}
